import { type Link, type Notifications, RadioError } from "../../radio/radio.ts";
import type { Driver } from "../driver.ts";
import { openRequestChannel } from "../request-response.ts";
import { HOSTS } from "./a5-frame.ts";
import { openA5 } from "./a5-session.ts";
import { openD2 } from "./d2-session.ts";
import { decodeDalyFrame } from "./frames.ts";
import { DALY_PATTERNS } from "./identify.ts";
import { openP81 } from "./p81-session.ts";
import { ATTEMPTS, type DalyProtocol, FEW_ATTEMPTS, firstAnswered } from "./protocol.ts";

/**
 * Battery packs with a board by Daly: 100Balance, Bulltron, JHB and other brands. Three protocols sit behind the same
 * names and services, so the device is asked in each of them until it answers (d2.ts, p81.ts, a5.ts). Polling only reads.
 * Facts and their sources: docs/devices/daly.md.
 */
export const daly = {
  name: "daly",
  about: "Daly battery packs: 100Balance, Bulltron, JHB",
  identify: DALY_PATTERNS,
  decodeFrame: decodeDalyFrame,
  async open(link) {
    const { writeTo, notifications } = await subscribe(link);
    const channel = openRequestChannel((bytes) => link.write(writeTo, bytes, "command"), notifications);
    const candidates = [openD2(channel), openP81(channel), ...HOSTS.map((host) => openA5(channel, host))];
    let known: DalyProtocol | undefined;

    /** Asks in each protocol; the one that is answered is known from then on. */
    const firstPoll = () =>
      firstAnswered(
        candidates.map((protocol) => async () => {
          const sample = await protocol.poll(FEW_ATTEMPTS);
          known = protocol;
          return sample;
        }),
      );
    const poll = () => (known ? known.poll(ATTEMPTS) : firstPoll());

    return {
      poll,
      async describe() {
        if (!known) await poll();
        return known?.describe() ?? {};
      },
    };
  },
} satisfies Driver;

/** The usual service first. */
const SERVICES = [
  { service: "fff0", notify: "fff1", write: "fff2" },
  { service: "ff00", notify: "ff01", write: "ff02" },
] as const;

/** Modules that offer both services refuse a subscription to the first. @throws {RadioError} */
async function subscribe(link: Link) {
  const offered = SERVICES.filter(({ service }) => link.services.includes(service));
  const refused: unknown[] = [];
  for (const { service, notify, write } of offered) {
    try {
      const notifications: Notifications = await link.subscribe({ service, characteristic: notify });
      return { notifications, writeTo: { service, characteristic: write } };
    } catch (error) {
      if (link.lost.aborted) throw error;
      refused.push(error);
    }
  }
  const services = link.services.join(", ") || "no services";
  throw refused[0] ?? new RadioError("unsupported", `not a Daly module: it offers ${services}, not FFF0 or FF00`);
}
