import type { Layer, LinkContext } from "../fault-layer.ts";
import { ConnectRefused, ENDED_BY_PERIPHERAL, LINK_LOST } from "../peripheral.ts";
import { changeAnswers, type FaultKind, onEachLink, spoiled, stopRequests } from "./fault.ts";

/** The link does not come about, or does not last. Reasons are HCI's, in hexadecimal. */
export const LINKS = {
  disconnect: {
    about: "the device ends the link: at a request, in the middle of an answer, or after it",
    settings: { at: "middle", reason: "13" },
    make(settings, triggers) {
      const reason = Number.parseInt(settings.text("reason"), 16);
      if (settings.text("at") === "request") return stopRequests(triggers, (_, line) => line.hangUp(reason));
      if (settings.text("at") === "after") {
        return changeAnswers(triggers, (reply, line) => ({ ...reply, afterwards: () => line.hangUp(reason) }));
      }
      return changeAnswers(triggers, (reply, line) => {
        const [first, ...others] = reply.pieces;
        if (!first) return reply;
        const half = { ...first, bytes: first.bytes.subarray(0, Math.ceil(first.bytes.length / 2)) };
        return {
          ...spoiled(reply, "disconnect", [others.length > 0 ? first : half]),
          afterwards: () => line.hangUp(reason),
        };
      });
    },
  },
  "short-link": {
    about: "the device ends each link so long after it was made",
    settings: { ms: 300, reason: "13" },
    make: (settings, triggers) =>
      onEachLink((line) => {
        if (triggers())
          hangUpAfter(line, settings.number("ms"), Number.parseInt(settings.text("reason"), 16), line.over);
        return {};
      }),
  },
  "idle-cut": {
    about: "the device ends a link on which nothing was asked for so long",
    settings: { ms: 8_000 },
    make: (settings) =>
      onEachLink((line) => {
        let asked = new AbortController();
        const wait = () => {
          asked = new AbortController();
          line.over.addEventListener("abort", () => asked.abort(), { once: true, signal: asked.signal });
          hangUpAfter(line, settings.number("ms"), ENDED_BY_PERIPHERAL, asked.signal);
        };
        wait();
        return {
          request(call) {
            asked.abort();
            wait();
            line.ask(call);
          },
        };
      }),
  },
  "out-of-range": {
    about: "nothing passes and nothing is heard; a link is lost after its supervision timeout",
    settings: { ms: 4_000 },
    make: (settings) => ({
      advertise: () => undefined,
      onLink(line) {
        hangUpAfter(line, settings.number("ms"), LINK_LOST, line.over);
        return { request() {}, answer: (delivery) => line.deliver(spoiled(delivery, "out-of-range", [])) };
      },
    }),
  },
  occupied: {
    about: "a phone holds the device: it is not heard; a link that is there stays until it ends",
    settings: {},
    make: () => ({ advertise: () => undefined }),
  },
  "refuse-connect": {
    about: "connections fail as soon as they are made",
    settings: { reason: "3e" },
    make: (settings, triggers): Pick<Layer, "admit"> => ({
      admit() {
        if (triggers()) throw new ConnectRefused(Number.parseInt(settings.text("reason"), 16));
      },
    }),
  },
} as const satisfies Record<string, FaultKind>;

function hangUpAfter(line: LinkContext, ms: number, reason: number, unless: AbortSignal): void {
  line.clock.sleep(ms, unless).then(
    () => line.hangUp(reason),
    () => {},
  );
}
