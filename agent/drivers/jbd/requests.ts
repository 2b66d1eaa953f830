import { FrameError } from "../../codec/frame-error.ts";
import type { Question } from "../request-response.ts";
import { decodePack } from "./basic-information.ts";
import { decodeCells } from "./cells.ts";
import { decodeCounters } from "./counters.ts";
import { decodeReply, encodeReadRequest, jbdFraming, refusal } from "./frame.ts";
import { decodeModel } from "./model.ts";
import { decodeModuleFrame, encodeModuleFrame, moduleFraming } from "./module-frame.ts";

function register<T>(number: number, decode: (payload: Uint8Array) => T): Question<T> {
  return {
    request: encodeReadRequest(number),
    framing: jbdFraming,
    concerns: ([, asked]) => asked === undefined || asked === number,
    read(frame) {
      const reply = decodeReply(frame);
      if (reply.status !== 0) throw refusal(reply);
      return decode(reply.payload);
    },
  };
}

export const INFORMATION = register(0x03, decodePack);
export const CELL_VOLTAGES = register(0x04, decodeCells);
export const MODEL = register(0x05, decodeModel);
export const ERROR_COUNTERS = register(0xaa, decodeCounters);

/** A question to the Bluetooth module, answered with one byte. */
export function moduleQuestion(command: number, data: Uint8Array): Question<number> {
  return {
    request: encodeModuleFrame({ command, data }),
    framing: moduleFraming,
    concerns: ([, , answered]) => answered === undefined || answered === command,
    read(frame) {
      const [byte, ...more] = decodeModuleFrame(frame).data;
      if (byte === undefined || more.length > 0) {
        throw new FrameError("malformed", "the Bluetooth module's answer is not one byte long");
      }
      return byte;
    },
  };
}
