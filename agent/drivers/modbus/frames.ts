import { decodeReadRequest } from "../../codec/modbus.ts";
import { registerRequest } from "../modbus-request.ts";
import { type DecodeFrame, readRecorded } from "../recorded-frame.ts";
import type { Brand } from "./brand.ts";
import { BRANDS } from "./brands/brands.ts";
import { decodeRegisters } from "./decode.ts";

/** Decodes answers by the table of the brand that their layout names, as `renogy-main` does, and by their request. */
export const decodeFrame: DecodeFrame = async ({ layout, request, notifications }) => {
  const brand = brandOf(layout);
  const range = request && decodeReadRequest(request);
  if (!brand || !range) return {};
  const known = brand.polled.find(({ start, count }) => start === range.start && count === range.count);
  const read = (data: Uint8Array) => decodeRegisters(brand, range.start, data);
  return readRecorded(registerRequest({ ...known, ...range }, read), notifications);
};

function brandOf(layout: string): Brand | undefined {
  const [word] = layout.split("-");
  return BRANDS.find(({ name }) => name.replace("-", "") === word);
}
