import { Packr } from "msgpackr/pack";
import type { Reading, Sample } from "../../../../common/model/reading.ts";
import type { Origin } from "../../../../common/wire/fields.ts";
import { encodeDelivery, encodeReading } from "../../../../common/wire/messages.ts";

/** Encodes any value as a foreign sender would. */
export const packr = new Packr({ useRecords: false, variableMapSize: true });

export const ORIGIN: Origin = { run: "00112233445566ff", meter: "bms", device: "A4:C1:37:00:00:01", driver: "jbd" };
export const AT = 1_700_000_000_123;
export const reading = (seq: number, sample: Sample, takenAt = AT): Reading => ({
  ...ORIGIN,
  takenAt,
  seq,
  sample,
});
export const deliver = (from: number, readings: readonly Reading[], after = from - 1) =>
  encodeDelivery(ORIGIN, { from, after }, readings.map(encodeReading));

/** A valid message of version 2, decoded. */
export const MESSAGE = {
  v: 2,
  t: "readings",
  ...ORIGIN,
  from: 1,
  after: 0,
  readings: [{ seq: 1, at: 1_700_000_000_123, sample: { volts: 13.3, cycles: 4 } }],
};
export const withReading = (changed: object) => ({ ...MESSAGE, readings: [{ ...MESSAGE.readings[0], ...changed }] });
/** A message of version 3 with these headers and rows. */
export const withRows = (...readings: readonly unknown[]) => ({ ...MESSAGE, v: 3, readings });
