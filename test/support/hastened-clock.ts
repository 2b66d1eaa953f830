import { type Clock, systemClock } from "../../common/runtime/clock.ts";

/** The real clock, on which five seconds of retries are a quarter of one. Timers, and so deadlines, take their time. */
export const hastenedClock: Clock = { ...systemClock, monotonic: () => 20 * systemClock.monotonic() };
