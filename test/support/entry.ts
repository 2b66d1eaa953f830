import type { Entry } from "../../agent/outbox/entry.ts";
import type { Reading } from "../../common/model/reading.ts";
import { decodeDelivery, encodeReading } from "../../common/wire/messages.ts";
import { readingOf } from "./reading.ts";

export function entryOf(seq: number, changed: Partial<Reading> = {}): Entry {
  const reading = readingOf(seq, changed);
  const { takenAt, sample: _, seq: __, ...origin } = reading;
  return { origin, seq, takenAt, bytes: encodeReading(reading) };
}

/**
 * A message in short: `ask 3` requests the state of a run that is held from 3 on, and `ask 3 show 9` the reading 9 as well;
 * or `from 3 after 4: 5 6`.
 */
export function inShort(message: Uint8Array | undefined): string | undefined {
  if (!message) return undefined;
  const { from, after, readings, latest } = decodeDelivery(message);
  return readings.length === 0
    ? `ask ${from}${latest ? ` show ${latest.seq}` : ""}`
    : `from ${from} after ${after}: ${readings.map(({ seq }) => seq).join(" ")}`;
}
