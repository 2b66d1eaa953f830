import { isNewer, type Reading } from "../../common/model/reading.ts";

/** A reading is ahead of the clock if it is timed later than this, ms. The aggregator's limit is the same. */
const AHEAD_MS = 300_000;

/**
 * True if a reading takes the place of another one of the same device. A repeat does not. After the clock was set back, a
 * reading of an earlier run that is ahead of it gives way to one that is not.
 */
export function supersedes(reading: Reading, shown: Reading | undefined, wallMs: number): boolean {
  if (!shown) return true;
  const isAhead = ({ takenAt }: Reading) => takenAt > wallMs + AHEAD_MS;
  if (reading.run !== shown.run && isAhead(reading) !== isAhead(shown)) return isAhead(shown);
  return isNewer(reading, shown);
}
