import { RadioError } from "../../radio/radio.ts";
import type { Driver } from "../driver.ts";
import { type ChannelRules, openRequestChannel } from "../request-response.ts";
import { jbdFraming } from "./frame.ts";
import { decodeJbdFrame } from "./frames.ts";
import { explainNeighbour, JBD_PATTERNS } from "./identify.ts";
import { moduleFraming } from "./module-frame.ts";
import { beginsUnlocking, redactor } from "./redact.ts";
import { openSession } from "./session.ts";
import { unlock } from "./unlock.ts";

/**
 * Battery packs with a board by JBD (Jiabaida): Xiaoxiang, Overkill Solar, Liontron, Eleksol, Daren and many brands.
 *
 * A serial protocol over two characteristics: a request is written without response to one, the reply arrives in
 * notifications of the other (frames: frame.ts). Polling only reads registers; nothing in the pack is changed but by
 * `settings`. Facts and their sources: docs/devices/jbd.md.
 */
export const jbd = {
  name: "jbd",
  about: "JBD / Xiaoxiang / Overkill Solar battery packs",
  identify: JBD_PATTERNS,
  redactor,
  beginsUnlocking,
  decodeFrame: decodeJbdFrame,
  async open(link, { pin }) {
    const service = SERVICES.find(({ uuid }) => link.services.includes(uuid));
    if (!service) {
      const known = SERVICES.map(({ uuid }) => uuid).join(", ");
      const offered = link.services.join(", ") || "no services";
      throw new RadioError("unsupported", `not a JBD pack: it offers ${offered}, not one of ${known}`);
    }
    const notifications = await link.subscribe({ service: service.uuid, characteristic: service.notify });
    const writeTo = { service: service.uuid, characteristic: service.write };
    const channel = openRequestChannel((bytes) => link.write(writeTo, bytes, "command"), notifications, RULES);
    if (pin !== undefined) await unlock(channel, link.address, pin);
    return openSession(channel, link.lost, pin !== undefined);
  },
} satisfies Driver;

interface SerialService {
  readonly uuid: string;
  readonly notify: string;
  readonly write: string;
}

/** Services of the Bluetooth modules, the usual one first. FFF0 is that of DH04 modules. */
const SERVICES: readonly SerialService[] = [
  { uuid: "ff00", notify: "ff01", write: "ff02" },
  { uuid: "ff06", notify: "ff07", write: "ff08" },
  { uuid: "fff0", notify: "fff1", write: "fff2" },
];

const RULES: ChannelRules = {
  /** A single 00 after subscribing, broadcasts of big packs, and frames of the half that was not asked: board or module. */
  isUnsolicited(notification, awaited) {
    const [first, second] = notification;
    if (notification.length === 1 && first === 0x00) return true;
    if (first === 0x02 && second === 0x51) return true;
    return [jbdFraming, moduleFraming].some((framing) => framing !== awaited && framing.starts(notification));
  },
  /** Modules that require an encrypted link send every request back (newer Liontron packs). */
  echoError: () =>
    new RadioError(
      "pairing-needed",
      "the pack sends our requests back: it requires a paired, encrypted link; pair it, or give its passkey with --pin",
    ),
  explain: explainNeighbour,
};
