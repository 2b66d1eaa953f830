import { encodeReply } from "../../agent/drivers/jbd/frame.ts";
import { inPieces, type Transmission, wholeOf } from "../fault-layer.ts";
import { AttError, UNLIKELY_ERROR } from "../peripheral.ts";
import { changeAnswers, type FaultKind, isRead, onEachLink, type Reply, spoiled } from "./fault.ts";

/** Faults that replace the content of an answer. */
export const REPLIES = {
  refuse: {
    about: "the battery refuses: an error status in hexadecimal (JBD), or an ATT error to a read",
    settings: { status: "80" },
    make: (settings, trigger) =>
      changeAnswers(trigger, (reply, link) => {
        if (isRead(reply)) return { ...spoiled(reply, "refuse", reply.pieces), error: new AttError(UNLIKELY_ERROR) };
        const status = Number.parseInt(settings.text("status"), 16);
        return inPlace(
          reply,
          "refuse",
          encodeReply({ register: registerOf(reply), status, payload: new Uint8Array() }),
          link.battery.mtu,
        );
      }),
  },
  echo: {
    about: "the request comes back byte for byte, as from a pack that must be paired first",
    settings: {},
    make: (_, trigger) =>
      changeAnswers(trigger, (reply, link) => inPlace(reply, "echo", reply.request.bytes, link.battery.mtu)),
  },
  "wrong-register": {
    about: "the answer names another register than the requested one",
    settings: {},
    make: (_, trigger) =>
      changeAnswers(trigger, (reply) => {
        const [first, ...others] = reply.pieces;
        if (isRead(reply) || !first) return reply;
        const bytes = Uint8Array.from(first.bytes);
        bytes[1] = registerOf(reply) === 0x03 ? 0x04 : 0x03;
        return spoiled(reply, "wrong-register", [{ ...first, bytes }, ...others]);
      }),
  },
  garbage: {
    about: "random bytes instead of the answer",
    settings: {},
    make: (_, trigger) =>
      changeAnswers(trigger, (reply, link) =>
        inPlace(
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
            link.send(inPlace(reply, "tear", torn, link.battery.mtu));
          },
        };
      }),
  },
} as const satisfies Record<string, FaultKind>;

const registerOf = (reply: Reply) => reply.request.bytes[2] ?? 0;

/** Other bytes at the time of the answer. */
function inPlace<D extends Transmission>(reply: D, by: string, bytes: Uint8Array, mtu: number): D {
  return spoiled(reply, by, inPieces(bytes, mtu - 3, reply.pieces[0]?.afterMs ?? 0));
}
