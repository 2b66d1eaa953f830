import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";

/** Assigns wall-clock times. A machine without a clock battery learns the time only a while after it has started. */
export interface Timestamper<T> {
  /**
   * Queues an item observed at a moment of the monotonic clock. It is emitted at once if the wall clock is synchronised,
   * otherwise as soon as it becomes so.
   */
  put(item: T, monotonicMs: number): void;
  /** Items that wait for their times. */
  readonly held: number;
  /** Emits every item, now and from here on, with the wall clock as it is. */
  flush(): void;
}

export interface TimestampDeps {
  readonly clock: Clock;
  /** True once the wall clock can be trusted. Not called again after that. */
  readonly isClockSet: () => boolean;
  readonly log: Log;
}

/** Between two checks of a clock that is not set. */
const CHECK_EVERY_MS = 1_000;

/**
 * Emits each item with its time, whole ms since the Unix epoch, in the order of `put`. Times rise strictly, even if the
 * wall clock is set back, and are later than `after`.
 */
export function createTimestamper<T>(
  after: number,
  emit: (item: T, time: number) => void,
  { clock, isClockSet, log }: TimestampDeps,
): Timestamper<T> {
  const held: { readonly item: T; readonly monotonicMs: number }[] = [];
  let last = after;
  let isTrusted = false;
  let isWaiting = false;

  function emitHeld() {
    const epochOffsetMs = clock.now() - clock.monotonic();
    for (const { item, monotonicMs } of held.splice(0)) {
      last = Math.max(last + 1, Math.round(monotonicMs + epochOffsetMs));
      emit(item, last);
    }
  }
  async function waitForClock() {
    if (isWaiting) return;
    isWaiting = true;
    log.info("the clock is not set yet: readings are held until it is, at most until two minutes after boot");
    while (!isTrusted) {
      await clock.sleep(CHECK_EVERY_MS);
      isTrusted ||= isClockSet();
    }
    emitHeld();
  }
  return {
    put(item, monotonicMs) {
      held.push({ item, monotonicMs });
      isTrusted ||= isClockSet();
      if (isTrusted) emitHeld();
      else void waitForClock();
    },
    get held() {
      return held.length;
    },
    flush() {
      isTrusted = true;
      emitHeld();
    },
  };
}
