import type { Reading } from "../../common/model/reading.ts";

/** A reading is ahead of the clock if it is timed later than this, ms. The aggregator's limit is the same. */
const AHEAD_MS = 300_000;

/**
 * True if a reading was taken after another one of the same device. Repeats are not newer. Sequence numbers order the
 * readings of one run whatever happens to the clock; between runs the times decide. After the clock was set back, a reading
 * timed ahead of it gives way to one that is not.
 */
export function isNewer(reading: Reading, other: Reading | undefined, wallMs: number): boolean {
  if (!other) return true;
  if (reading.run === other.run) return reading.seq > other.seq;
  const isAhead = ({ takenAt }: Reading) => takenAt > wallMs + AHEAD_MS;
  if (isAhead(reading) !== isAhead(other)) return isAhead(other);
  return reading.takenAt > other.takenAt;
}
