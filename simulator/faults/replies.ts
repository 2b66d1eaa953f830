import { encodeReply } from "../../agent/drivers/jbd/frame.ts";
import { type Delivery, inPieces, wholeOf } from "../fault-layer.ts";
import { AttError, UNLIKELY_ERROR } from "../peripheral.ts";
import { changeAnswers, type FaultKind, isRead, onEachLink, type Reply, spoiled } from "./fault.ts";

/** Something else is said than what was asked for. */
export const REPLIES = {
  refuse: {
    about: "the battery refuses: an error status in hexadecimal (JBD), an ATT error for what is read",
    settings: { status: "80" },
    make: (settings, triggers) =>
      changeAnswers(triggers, (reply, line) => {
        if (isRead(reply)) return { ...spoiled(reply, "refuse", reply.pieces), error: new AttError(UNLIKELY_ERROR) };
        const status = Number.parseInt(settings.text("status"), 16);
        return inPlace(
          reply,
          "refuse",
          encodeReply({ register: registerOf(reply), status, payload: new Uint8Array() }),
          line.battery.mtu,
        );
      }),
  },
  echo: {
    about: "what is written comes back byte for byte, as from a pack that wants to be paired first",
    settings: {},
    make: (_, triggers) =>
      changeAnswers(triggers, (reply, line) => inPlace(reply, "echo", reply.call.bytes, line.battery.mtu)),
  },
  "wrong-register": {
    about: "the answer says another register than was asked for",
    settings: {},
    make: (_, triggers) =>
      changeAnswers(triggers, (reply) => {
        const [first, ...others] = reply.pieces;
        if (isRead(reply) || !first) return reply;
        const bytes = Uint8Array.from(first.bytes);
        bytes[1] = registerOf(reply) === 0x03 ? 0x04 : 0x03;
        return spoiled(reply, "wrong-register", [{ ...first, bytes }, ...others]);
      }),
  },
  garbage: {
    about: "random bytes in place of the answer",
    settings: {},
    make: (_, triggers) =>
      changeAnswers(triggers, (reply, line) =>
        inPlace(
          reply,
          "garbage",
          wholeOf(reply).map(() => Math.floor(line.random() * 256)),
          line.battery.mtu,
        ),
      ),
  },
  stale: {
    about: "the answer to the request before comes again, right before the answer",
    settings: {},
    make: (_, triggers) =>
      onEachLink((line) => {
        let last: Delivery | undefined;
        return {
          answer(reply) {
            const { call } = reply;
            if (!call || isRead(reply)) return line.deliver(reply);
            const before = last;
            last = reply;
            if (!before || !triggers(call.register)) return line.deliver(reply);
            line.deliver({
              ...reply,
              pieces: [...before.pieces, ...reply.pieces.map((piece) => ({ ...piece, afterMs: 0 }))],
            });
          },
        };
      }),
  },
  tear: {
    about: "a value that is read is half of the one before and half of the new one",
    settings: { at: 22 },
    make: (settings, triggers) =>
      onEachLink((line) => {
        let last: Uint8Array | undefined;
        return {
          answer(reply) {
            const whole = wholeOf(reply);
            const before = last;
            last = whole;
            const acts = isRead(reply) && before && triggers(reply.call?.register);
            if (!acts) return line.deliver(reply);
            const at = settings.number("at");
            const torn = Uint8Array.of(...before.subarray(0, at), ...whole.subarray(at));
            line.deliver(inPlace(reply, "tear", torn, line.battery.mtu));
          },
        };
      }),
  },
} as const satisfies Record<string, FaultKind>;

const registerOf = (reply: Reply) => reply.call.bytes[2] ?? 0;

/** Other bytes at the time of the answer. */
function inPlace<D extends Delivery>(reply: D, by: string, bytes: Uint8Array, mtu: number): D {
  return spoiled(reply, by, inPieces(bytes, mtu - 3, reply.pieces[0]?.afterMs ?? 0));
}
