import { FrameError } from "../../codec/frame-error.ts";
import type { Request } from "../request-response.ts";
import { decodePack } from "./basic-information.ts";
import { decodeReply, encodeReadRequest, jbdFraming, refusal } from "./frame.ts";
import { decodeModuleFrame, encodeModuleFrame, moduleFraming } from "./module-frame.ts";
import { decodeCells, decodeCounters, decodeModel } from "./registers.ts";

/** The request to read a register. */
export function readRegister<T>(register: number, decode: (payload: Uint8Array) => T): Request<T> {
  return {
    bytes: encodeReadRequest(register),
    framing: jbdFraming,
    matches: ([, answered]) => answered === undefined || answered === register,
    read(frame) {
      const reply = decodeReply(frame);
      if (reply.status !== 0) throw refusal(reply);
      return decode(reply.payload);
    },
  };
}

export const READ_INFORMATION = readRegister(0x03, decodePack);
export const READ_CELLS = readRegister(0x04, decodeCells);
export const READ_MODEL = readRegister(0x05, decodeModel);
export const READ_COUNTERS = readRegister(0xaa, decodeCounters);

/** A command to the Bluetooth module, which answers it with one byte. */
export function moduleRequest(command: number, data: Uint8Array): Request<number> {
  return {
    bytes: encodeModuleFrame({ command, data }),
    framing: moduleFraming,
    matches: ([, , answered]) => answered === undefined || answered === command,
    read(frame) {
      const [byte, ...more] = decodeModuleFrame(frame).data;
      if (byte === undefined || more.length > 0) {
        throw new FrameError("malformed", "the Bluetooth module's answer is not one byte long");
      }
      return byte;
    },
  };
}
