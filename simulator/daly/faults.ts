import { decodeReadRequest, encodeAnswer, encodeException } from "../../agent/codec/modbus.ts";
import { P81, P81_ANSWER } from "../../agent/drivers/daly/p81.ts";
import { changeAnswers, type FaultKind, type Reply, replaced } from "../faults/fault.ts";

/** Faults in the protocols of Daly boards; those with registers only. */
export const DALY_FAULTS = {
  refuse: {
    about: "the board refuses to read registers: the code of a Modbus exception",
    settings: { code: 2 },
    make: (settings, trigger) =>
      changeAnswers(trigger, (reply, link) => {
        const unit = unitOf(reply);
        if (unit === undefined) return reply;
        return replaced(reply, "refuse", encodeException(unit, settings.number("code")), link.battery.mtu);
      }),
  },
  zeros: {
    about: "the board answers with zeros, as about registers that it does not have",
    settings: {},
    make: (_, trigger) =>
      changeAnswers(trigger, (reply, link) => {
        const unit = unitOf(reply);
        const { count = 0 } = decodeReadRequest(reply.request.bytes) ?? {};
        if (unit === undefined) return reply;
        return replaced(reply, "zeros", encodeAnswer(unit, new Uint8Array(2 * count)), link.battery.mtu);
      }),
  },
} as const satisfies Record<string, FaultKind>;

/** The unit that answers a request for registers. */
function unitOf({ request }: Reply): number | undefined {
  const unit = decodeReadRequest(request.bytes)?.unit;
  return unit === P81 ? P81_ANSWER : unit;
}
