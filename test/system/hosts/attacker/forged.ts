import { encodeDelivery, encodeReading } from "../../../../common/wire/messages.ts";

/** No simulated battery has this voltage. */
export const FORGED_VOLTS = 99.99;

/** A delivery of one reading, for a meter of somebody else. */
export function forgedDelivery(meter: string): Uint8Array {
  const run = "f".repeat(16);
  const origin = { run, meter, device: "A4:C1:37:00:00:02", driver: "jbd" };
  const reading = encodeReading({ seq: 1, takenAt: Date.now(), sample: { volts: FORGED_VOLTS } });
  return encodeDelivery(origin, { from: 1, after: 0 }, [reading]);
}
