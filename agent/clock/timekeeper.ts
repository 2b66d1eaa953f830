import { isPossibleTime } from "../../common/model/reading.ts";
import type { ClockState } from "../../common/model/status.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import { type ClockEvidence, clockState, MAX_WAIT_MS } from "./clock-state.ts";
import { createUsedTimes } from "./used-times.ts";
import { describeStep, STEP_MS, watchWallClock } from "./wall-clock.ts";

/** When a reading was taken. */
export interface Moment {
  /** Milliseconds since the Unix epoch, by the wall clock as it is now. Whole. */
  readonly takenAt: number;
  /** The same moment by `clock.uptime()`, from which `takenAt` is computed again when the wall clock is set. */
  readonly uptimeMs: number;
}

/** Gives readings their times, and watches the wall clock that they come from. */
export interface Timekeeper {
  /** The times of a moment of the monotonic clock. Call it in the order of the moments. */
  momentOf(monotonicMs: number): Moment;
  /** Undefined until the first look. */
  readonly state: ClockState | undefined;
  /** Ends a hold: the readings get the times of the clock as it is, unless that is impossible. */
  giveUpWaiting(): void;
  /** Watches the clock until `stop` aborts. */
  watch(stop: AbortSignal): Promise<void>;
}

/** The readings that can still be held back and corrected. */
export interface TimedOutbox {
  /** Readings that are not accepted yet. */
  readonly backlog: number;
  /** Holds back, from here on, readings that were never sent. */
  hold(): void;
  /** Sets the times of all readings of this boot that were never sent, `offsetMs` ahead of their uptimes, and ends a hold. */
  correctTimes(offsetMs: number): void;
}

export interface TimekeeperSettings {
  /** After boot: an unconfirmed clock is used from then on. 0 where nobody here can set it: that is not logged. */
  readonly maxWaitMs?: number;
}

export interface TimekeeperDeps {
  readonly clock: Clock;
  readonly readEvidence: () => Promise<ClockEvidence>;
  readonly outbox: TimedOutbox;
  readonly log: Log;
}

/** Between two looks at the wall clock while readings wait, beside the look at each reading. */
const LOOK_EVERY_MS = 2_000;
/** The same while none waits: no reading could get a wrong time, and each look wakes the process. */
const IDLE_LOOK_MS = 60_000;
/** Between two questions whether the clock is confirmed now. */
const ASK_EVERY_MS: Record<ClockState, number> = {
  confirmed: Number.POSITIVE_INFINITY,
  waiting: 2_000,
  unconfirmed: 60_000,
  impossible: 60_000,
};

/**
 * Readings are held in the outbox until the clock is confirmed, or `maxWaitMs` after boot. Every step of the clock corrects
 * those that were not sent. Between two steps times rise strictly, at the distances of the uptime; after a step they go on
 * in the new time, also where that is earlier.
 */
export function createTimekeeper(
  { maxWaitMs = MAX_WAIT_MS }: TimekeeperSettings,
  { clock, readEvidence, outbox, log }: TimekeeperDeps,
): Timekeeper {
  const wall = watchWallClock(clock);
  const used = createUsedTimes();
  let last = 0;
  let lastUptimeMs: number | undefined;
  let state: ClockState | undefined;
  let isHolding = true;
  let askAtMs = clock.monotonic();
  let onReading = () => {};
  outbox.hold();

  const timeOf = (uptimeMs: number) => Math.round(uptimeMs + wall.offsetMs);

  function hold() {
    if (!isHolding) outbox.hold();
    isHolding = true;
  }
  function correct() {
    isHolding = false;
    if (lastUptimeMs !== undefined) last = timeOf(lastUptimeMs);
    outbox.correctTimes(wall.offsetMs);
  }
  function look() {
    const stepMs = wall.look();
    if (stepMs === 0) return;
    askAtMs = clock.monotonic();
    const level = state === "confirmed" ? "warn" : "info";
    log[level](`the clock was set ${describeStep(stepMs)}: readings that are not sent yet get the new time`);
    if (!isPossibleTime(timeOf(clock.uptime()))) hold();
    else if (!isHolding) correct();
  }
  function enter(next: ClockState) {
    const before = state;
    state = next;
    if (next === "waiting" || next === "impossible") hold();
    else if (isHolding) correct();
    if (next !== before) logState(next, before);
  }
  function logState(next: ClockState, before: ClockState | undefined) {
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    if (next === "confirmed" && before !== undefined) log.info("the clock is confirmed");
    else if (next === "waiting")
      log.info("the clock is not set yet: readings are held until it is, at most until two minutes after boot");
    else if (next === "unconfirmed" && maxWaitMs > 0)
      log.warn(
        `nothing confirms that the clock is right (${day}): connect the network, or sudo timedatectl set-ntp true`,
      );
    else if (next === "impossible")
      log.warn(
        `the clock shows ${day}: readings are held until it is set; sudo timedatectl set-ntp true, or sudo date -s`,
      );
  }
  async function ask() {
    const evidence = await readEvidence();
    look();
    const next = clockState({ ...evidence, wallMs: clock.now() }, maxWaitMs);
    askAtMs = clock.monotonic() + ASK_EVERY_MS[next];
    enter(next);
  }

  /** Resolves after a while in which no reading waits; earlier with the next reading, and when `stop` aborts. */
  function idle(stop: AbortSignal): Promise<void> {
    if (isHolding || outbox.backlog > 0) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        stop.removeEventListener("abort", end);
        resolve();
      };
      const cancel = clock.timer(Math.min(askAtMs - clock.monotonic(), IDLE_LOOK_MS), end);
      stop.addEventListener("abort", end);
      onReading = end;
    });
  }

  return {
    momentOf(monotonicMs) {
      look();
      onReading();
      const uptimeMs = clock.uptime() - (clock.monotonic() - monotonicMs);
      const takenAt = timeOf(uptimeMs);
      // A larger distance is that of a step.
      const isSmall = takenAt <= last && last - takenAt < STEP_MS;
      last = used.take(isSmall ? last + 1 : takenAt);
      lastUptimeMs = uptimeMs;
      return { takenAt: last, uptimeMs };
    },
    get state() {
      return state;
    },
    giveUpWaiting() {
      look();
      if (isHolding && isPossibleTime(clock.now())) correct();
    },
    async watch(stop) {
      try {
        while (!stop.aborted) {
          if (clock.monotonic() >= askAtMs) await ask();
          await idle(stop);
          await clock.sleep(LOOK_EVERY_MS, stop);
          look();
        }
      } catch (error) {
        if (!stop.aborted) throw error;
      }
    },
  };
}
