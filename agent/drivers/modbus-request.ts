import { answerData, answerFraming, encodeReadRequest, mayHoldData, type RegisterRange } from "../codec/modbus.ts";
import type { Request } from "./request-response.ts";

export interface RegisterRequest extends RegisterRange {
  /** The unit that the answer names, where it is another one. */
  readonly answerUnit?: number;
  /** Numbers of registers in answers, where a device answers with others than were requested. */
  readonly answerCounts?: readonly number[];
}

/** The request to read registers over Modbus. `read` decodes their data; an exception of the device is `refused`. */
export function registerRequest<T>(
  { answerUnit, answerCounts, ...range }: RegisterRequest,
  read: (data: Uint8Array) => T,
): Request<T> {
  const lengths = (answerCounts ?? [range.count]).map((count) => 2 * count);
  return {
    bytes: encodeReadRequest(range),
    framing: answerFraming(answerUnit ?? range.unit),
    matches: (frame) => mayHoldData(frame, lengths),
    read: (frame) => read(answerData(frame)),
  };
}
