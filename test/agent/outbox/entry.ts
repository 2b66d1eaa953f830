import type { Entry } from "../../../agent/outbox/ledger.ts";
import type { Reading } from "../../../common/reading.ts";
import { decodeDelivery, encodeReading } from "../../../common/wire.ts";

const RUN = "00112233445566ff";

/** A reading of device `bms` in which `polls` repeats its number. */
export function readingOf(seq: number, changed: Partial<Reading> = {}): Reading {
  return {
    run: RUN,
    meter: "bms",
    device: "A4:C1:37:00:00:01",
    driver: "jbd",
    takenAt: 1_700_000_000_000 + seq,
    seq,
    sample: { volts: 13.3, polls: seq },
    ...changed,
  };
}

export function entryOf(seq: number, changed: Partial<Reading> = {}): Entry {
  const reading = readingOf(seq, changed);
  return { origin: reading, seq, bytes: encodeReading(reading) };
}

/** What a message says, in short: `ask 3` for a question about a run that starts at 3, else the numbers in it. */
export function inShort(message: Uint8Array | undefined): string | undefined {
  if (!message) return undefined;
  const { from, readings } = decodeDelivery(message);
  return readings.length === 0 ? `ask ${from}` : `from ${from}: ${readings.map(({ seq }) => seq).join(" ")}`;
}
