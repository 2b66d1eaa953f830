import { type Transmission, wholeOf } from "../fault-layer.ts";
import { AttError, UNLIKELY_ERROR } from "../peripheral.ts";
import { changeAnswers, type FaultKind, isRead, onEachLink, type Reply, replaced, spoiled } from "./fault.ts";

/** Faults that replace the content of an answer. */
export const REPLIES = {
  echo: {
    about: "the request comes back byte for byte, as from a pack that must be paired first",
    settings: {},
    make: (_, trigger) =>
      changeAnswers(trigger, (reply, link) => replaced(reply, "echo", reply.request.bytes, link.battery.mtu)),
  },
  garbage: {
    about: "random bytes instead of the answer",
    settings: {},
    make: (_, trigger) =>
      changeAnswers(trigger, (reply, link) =>
        replaced(
          reply,
          "garbage",
          wholeOf(reply).map(() => Math.floor(link.random() * 256)),
          link.battery.mtu,
        ),
      ),
  },
  stale: {
    about: "the previous answer is repeated immediately before the answer",
    settings: {},
    make: (_, trigger) =>
      onEachLink((link) => {
        let last: Transmission | undefined;
        return {
          answer(reply) {
            const { request } = reply;
            if (!request || isRead(reply)) return link.send(reply);
            const previous = last;
            last = reply;
            if (!previous || !trigger(request.register)) return link.send(reply);
            link.send({
              ...reply,
              pieces: [...previous.pieces, ...reply.pieces.map((piece) => ({ ...piece, afterMs: 0 }))],
            });
          },
        };
      }),
  },
  tear: {
    about: "a value that is read is half the previous one and half the new one",
    settings: { at: 22 },
    make: (settings, trigger) =>
      onEachLink((link) => {
        let last: Uint8Array | undefined;
        return {
          answer(reply) {
            const whole = wholeOf(reply);
            const previous = last;
            last = whole;
            const acts = isRead(reply) && previous && trigger(reply.request?.register);
            if (!acts) return link.send(reply);
            const at = settings.number("at");
            const torn = Uint8Array.of(...previous.subarray(0, at), ...whole.subarray(at));
            link.send(replaced(reply, "tear", torn, link.battery.mtu));
          },
        };
      }),
  },
  refuse: {
    about: "the battery refuses a read with an ATT error",
    settings: {},
    make: (_, trigger) => changeAnswers(trigger, (reply) => (isRead(reply) ? refusedRead(reply) : reply)),
  },
} as const satisfies Record<string, FaultKind>;

/** An ATT error in place of the value. */
export function refusedRead(reply: Reply): Transmission {
  return { ...spoiled(reply, "refuse", reply.pieces), error: new AttError(UNLIKELY_ERROR) };
}
