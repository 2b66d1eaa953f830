/** More than a clock is usually set back by: 11 hours of polls every 10 s. */
const COUNT = 4_096;

/**
 * The times of the last readings. A database keeps one row of a meter and a millisecond: after the clock is set back, no
 * reading may replace an earlier one.
 */
export interface UsedTimes {
  /** Returns the first millisecond from `ms` on that none of the last 4,096 readings has, and notes it. */
  take(ms: number): number;
}

export function createUsedTimes(): UsedTimes {
  const last = new Float64Array(COUNT);
  let at = 0;
  let newest = 0;
  return {
    take(ms) {
      let free = ms;
      // Later than all of them, unless the clock was set back.
      while (free <= newest && last.includes(free)) free += 1;
      newest = Math.max(newest, free);
      last[at] = free;
      at = (at + 1) % COUNT;
      return free;
    },
  };
}
