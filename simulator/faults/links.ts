import type { LinkContext } from "../fault-layer.ts";
import {
  AttError,
  ConnectRefused,
  ENDED_BY_PERIPHERAL,
  INSUFFICIENT_AUTHENTICATION,
  LINK_LOST,
} from "../peripheral.ts";
import { changeAnswers, type FaultKind, onEachLink, spoiled, stopRequests, type UnnamedLayer } from "./fault.ts";

/** Faults of connections and of their authentication. Reasons are HCI error codes, in hexadecimal. */
export const LINKS = {
  disconnect: {
    about: "the device ends the link at a request, in the middle of an answer, or after it",
    settings: { at: "middle", reason: "13" },
    make(settings, trigger) {
      const reason = Number.parseInt(settings.text("reason"), 16);
      if (settings.text("at") === "request") return stopRequests(trigger, (_, link) => link.disconnect(reason));
      if (settings.text("at") === "after") {
        return changeAnswers(trigger, (reply, link) => ({ ...reply, onSent: () => link.disconnect(reason) }));
      }
      return changeAnswers(trigger, (reply, link) => {
        const [first, ...others] = reply.pieces;
        if (!first) return reply;
        const half = { ...first, bytes: first.bytes.subarray(0, Math.ceil(first.bytes.length / 2)) };
        return {
          ...spoiled(reply, "disconnect", [others.length > 0 ? first : half]),
          onSent: () => link.disconnect(reason),
        };
      });
    },
  },
  "short-link": {
    about: "the device ends each link after this time",
    settings: { ms: 300, reason: "13" },
    make: (settings, trigger) =>
      onEachLink((link) => {
        if (trigger())
          disconnectAfter(link, settings.number("ms"), Number.parseInt(settings.text("reason"), 16), link.ended);
        return {};
      }),
  },
  "idle-cut": {
    about: "the device ends a link without a request for this time",
    settings: { ms: 8_000 },
    make: (settings) =>
      onEachLink((link) => {
        let idle = new AbortController();
        const wait = () => {
          idle = new AbortController();
          link.ended.addEventListener("abort", () => idle.abort(), { once: true, signal: idle.signal });
          disconnectAfter(link, settings.number("ms"), ENDED_BY_PERIPHERAL, idle.signal);
        };
        wait();
        return {
          request(request) {
            idle.abort();
            wait();
            link.forward(request);
          },
        };
      }),
  },
  "out-of-range": {
    about: "no advertisements, no answers; a link is lost after its supervision timeout",
    settings: { ms: 4_000 },
    make: (settings) => ({
      advertise: () => undefined,
      onLink(link) {
        disconnectAfter(link, settings.number("ms"), LINK_LOST, link.ended);
        return { request() {}, answer: (transmission) => link.send(spoiled(transmission, "out-of-range", [])) };
      },
    }),
  },
  occupied: {
    about: "a phone holds the device: no advertisements; an existing link stays until it ends",
    settings: {},
    make: () => ({ advertise: () => undefined }),
  },
  "refuse-connect": {
    about: "connections fail as soon as they are established",
    settings: { reason: "3e" },
    make: (settings, trigger): UnnamedLayer => ({
      onConnect() {
        if (trigger()) throw new ConnectRefused(Number.parseInt(settings.text("reason"), 16));
      },
    }),
  },
  "pairing-needed": {
    about: "the device answers subscriptions, reads and writes with the ATT error insufficient authentication",
    settings: {},
    make: (_, trigger) =>
      onEachLink((link) => {
        const check = (register?: string) => {
          if (trigger(register)) throw new AttError(INSUFFICIENT_AUTHENTICATION);
        };
        return {
          subscribed: () => check(),
          request(request) {
            check(request.register);
            link.forward(request);
          },
        };
      }),
  },
} as const satisfies Record<string, FaultKind>;

function disconnectAfter(link: LinkContext, ms: number, reason: number, until: AbortSignal): void {
  link.clock.sleep(ms, until).then(
    () => link.disconnect(reason),
    () => {},
  );
}
