import type { Sample } from "../../../common/model/reading.ts";
import { type RecordedFrame, readRecorded } from "../recorded-frame.ts";
import { decodePack } from "./basic-information.ts";
import { decodeRequest } from "./frame.ts";
import { moduleFraming } from "./module-frame.ts";
import { decodeCells, decodeCounters, decodeModel } from "./registers.ts";
import { readRegister } from "./requests.ts";
import { cellsSample, packSample } from "./sample.ts";

/**
 * Decodes a reply by the register that was requested, whose hexadecimal digits may stand as its layout. Requests and frames
 * of the Bluetooth module hold no quantities.
 */
export async function decodeJbdFrame({ layout, request, notifications }: RecordedFrame): Promise<Sample> {
  const whole = Uint8Array.from(notifications.flatMap((bytes) => [...bytes]));
  if (isRequest(whole) || isModuleFrame(whole)) return {};
  const named = /^[0-9a-f]{2}$/i.test(layout) ? Number.parseInt(layout, 16) : undefined;
  const register = (request && decodeRequest(request)?.register) ?? named ?? whole[1] ?? 0;
  return readRecorded(readRegister(register, DECODERS.get(register) ?? nothing), notifications);
}

const nothing = (): Sample => ({});

const DECODERS: ReadonlyMap<number, (payload: Uint8Array) => Sample> = new Map([
  [0x03, (payload: Uint8Array) => packSample(decodePack(payload), [])],
  [0x04, (payload: Uint8Array) => cellsSample(decodeCells(payload))],
  [0x05, checked(decodeModel)],
  [0xaa, checked(decodeCounters)],
]);

function checked(decode: (payload: Uint8Array) => unknown): (payload: Uint8Array) => Sample {
  return (payload) => {
    decode(payload);
    return {};
  };
}

/** A request to read has no data: bytes that have some are a damaged reply. */
function isRequest(bytes: Uint8Array): boolean {
  const request = decodeRequest(bytes);
  return request !== undefined && (request.write || request.data.length === 0);
}

function isModuleFrame(bytes: Uint8Array): boolean {
  return moduleFraming.starts(bytes) && moduleFraming.size(bytes) === bytes.length && !moduleFraming.fault(bytes);
}
