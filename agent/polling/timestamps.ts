import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";

/** Gives things their times. A machine without a clock battery learns the time only a while after it has started. */
export interface Stamp<T> {
  /** A thing of a moment of the monotonic clock. It is handed on at once where the clock is set, else held until it is. */
  put(thing: T, moment: number): void;
  /** Things that wait for their times. */
  readonly held: number;
  /** Hands everything on, now and from here on, with the clock as it is. */
  flush(): void;
}

export interface StampEffects {
  readonly clock: Clock;
  /** Whether the wall clock can be trusted; not asked again once it can. */
  readonly isClockSet: () => boolean;
  readonly log: Log;
}

/** Between two looks at a clock that is not set, ms. */
const LOOK_EVERY_MS = 1_000;

/**
 * Hands on each thing with its time, whole ms since the Unix epoch, in the order of `put`. Times rise strictly, also where
 * the clock is set back, and come after `after`.
 */
export function createStamp<T>(
  after: number,
  { clock, isClockSet, log }: StampEffects,
  handOn: (thing: T, time: number) => void,
): Stamp<T> {
  const held: { readonly thing: T; readonly moment: number }[] = [];
  let last = after;
  let isTrusted = false;
  let isWaiting = false;

  function handOnHeld() {
    const sinceEpoch = clock.now() - clock.monotonic();
    for (const { thing, moment } of held.splice(0)) {
      last = Math.max(last + 1, Math.round(moment + sinceEpoch));
      handOn(thing, last);
    }
  }
  async function wait() {
    if (isWaiting) return;
    isWaiting = true;
    log.info("the clock is not set yet: readings are held until it is, at most until two minutes after boot");
    while (!isTrusted) {
      await clock.sleep(LOOK_EVERY_MS);
      isTrusted ||= isClockSet();
    }
    handOnHeld();
  }
  return {
    put(thing, moment) {
      held.push({ thing, moment });
      isTrusted ||= isClockSet();
      if (isTrusted) handOnHeld();
      else void wait();
    },
    get held() {
      return held.length;
    },
    flush() {
      isTrusted = true;
      handOnHeld();
    },
  };
}
