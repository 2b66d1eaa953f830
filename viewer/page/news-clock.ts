/** The time of the viewer's computer and the age of its last news, by the clocks of the browser. */
export interface NewsClock {
  /** News has arrived; `at` is the viewer's time, if the news carries it. */
  receive(at?: number): void;
  /** The present in the viewer's time, ms: readings have times of that clock. */
  now(): number;
  /** Time since the last news, ms. */
  silence(): number;
}

export interface BrowserClocks {
  /** `Date.now()`: goes on while the computer sleeps, may be set. */
  wall(): number;
  /** `performance.now()`: never set, may stop while the computer sleeps. */
  steady(): number;
}

/** Counts from its creation until the first news. */
export function newsClock({ wall, steady }: BrowserClocks): NewsClock {
  const start = { wall: wall(), steady: steady() };
  let last = start;
  let known = { at: start.wall, ...start };
  // Each clock errs towards "no time has passed" in one case, and never both in the same.
  const since = (then: typeof start) => Math.max(0, wall() - then.wall, steady() - then.steady);
  return {
    receive(at) {
      last = { wall: wall(), steady: steady() };
      if (at !== undefined) known = { at, ...last };
    },
    now: () => known.at + since(known),
    silence: () => since(last),
  };
}
