import { SLOT_MS, type Store, slotOf } from "./store.ts";
import { NEIGHBOUR_MS } from "./summaries.ts";

/** How long each kind is kept, in days that have readings, the present one included; and in how many bytes. */
export interface Limits {
  readonly readingDays: number;
  readonly minuteDays: number;
  readonly bytes: number;
}

/** Times in ms since the Unix epoch; 0 while nothing has been deleted. */
export interface Kept {
  /** Readings before this change the minutes, but are not kept themselves. */
  readonly mergedBefore: number;
  /** Readings before this are ignored: the minutes of their day are not kept any more. */
  readonly ignoredBefore: number;
}

const DAY_MS = SLOT_MS.hours;
/** Part of the bytes that is used after the oldest rows are deleted, so that it does not happen every time. */
const USED_AFTER = 0.95;

/**
 * Deletes what is older than is kept. Only days that have readings count, so a clock that shows another year for a moment
 * does not delete what a day of readings would not.
 */
export function enforceLimits(store: Store, { readingDays, minuteDays, bytes }: Limits): Kept {
  const oldestKept = (days: number) => store.newest("hours", days - 1) ?? 0;
  pruneBefore(store, "readings", oldestKept(readingDays));
  pruneBefore(store, "minutes", oldestKept(minuteDays));
  if (store.bytes() > bytes) makeRoom(store, bytes * USED_AFTER);
  store.compact();
  const [hours, minutes, readings] = [
    oldestDay(store, "hours"),
    oldestDay(store, "minutes"),
    oldestDay(store, "readings"),
  ];
  const today = store.newest("hours", 0) ?? 0;
  const isCut = (day: number) => hours < day && Number.isFinite(day);
  return {
    // A minute can be computed again if the readings before it are there as well.
    mergedBefore: isCut(readings) ? Math.min(readings * DAY_MS + NEIGHBOUR_MS, today * DAY_MS) : 0,
    // A day in the viewer's time zone needs the minutes of two days of UTC.
    ignoredBefore: isCut(minutes) ? Math.min(minutes + 1, today) * DAY_MS : 0,
  };
}

/** Deletes the oldest readings and minutes day by day, and hours when nothing else is left. The present day stays. */
function makeRoom(store: Store, bytes: number): void {
  const today = store.newest("hours", 0) ?? 0;
  while (store.bytes() > bytes) {
    const oldest = Math.min(oldestDay(store, "readings"), oldestDay(store, "minutes"));
    if (oldest < today) {
      pruneBefore(store, "readings", oldest + 1);
      pruneBefore(store, "minutes", oldest + 1);
    } else if (oldestDay(store, "hours") < today) {
      store.prune("hours", oldestDay(store, "hours") + 1);
    } else {
      return;
    }
  }
}

function pruneBefore(store: Store, tier: "readings" | "minutes", day: number): void {
  store.prune(tier, slotOf(tier, day * DAY_MS));
}

/** The day of UTC of a tier's oldest row; later than any if it is empty. */
function oldestDay(store: Store, tier: keyof typeof SLOT_MS): number {
  const slot = store.oldest(tier);
  return slot === undefined ? Number.POSITIVE_INFINITY : Math.floor((slot * SLOT_MS[tier]) / DAY_MS);
}
