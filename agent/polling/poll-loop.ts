import { isPossibleValue, QUANTITIES, type Quantity } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";
import { type DerivedSignal, firstAborted } from "../../common/runtime/abort.ts";
import { backoff } from "../../common/runtime/backoff.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import { FrameError } from "../codec/frame-error.ts";
import { type Radio, RadioError } from "../radio/radio.ts";
import { connectDevice } from "./connect.ts";
import type { DeviceConnection, Target } from "./device-connection.ts";
import type { DriverMemory } from "./first-answer.ts";
import { steadySchedule } from "./schedule.ts";

export interface PollPlan extends Target {
  readonly periodMs: number;
}

export interface PollLoopDeps {
  readonly radio: Radio;
  readonly clock: Clock;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  /** Called with each new link before its first poll. It must not throw. */
  readonly onConnect?: (connection: DeviceConnection) => Promise<void>;
}

/** The outcome of one attempt to poll the device. */
export type Poll = Answer | BadAnswer | LinkLost | Away;

interface Attempt {
  /** Links established so far. */
  readonly links: number;
  /** Undefined before the first link. */
  readonly driver: string | undefined;
}

export interface Answer extends Attempt {
  readonly kind: "answer";
  readonly driver: string;
  /** Other drivers that fit the device as well, where there are any. */
  readonly alternatives?: readonly string[];
  readonly sample: Sample;
  /** Quantities whose values were impossible, where there are any: they are left out of the sample. */
  readonly impossible?: readonly Quantity[];
  /** When the answer was complete, ms of the monotonic clock. */
  readonly answeredAtMs: number;
  /** From the first request to the last byte; undefined for a device that is listened to. */
  readonly latencyMs: number | undefined;
  /** dBm. */
  readonly rssi: number | undefined;
}

/** The answer is unusable. The link stands, and the next poll comes as scheduled. */
export interface BadAnswer extends Attempt {
  readonly kind: "bad-answer";
  readonly error: FrameError;
}

/** The link was lost between two polls, so that no poll has failed yet. */
export interface LinkLost extends Attempt {
  readonly kind: "link-lost";
  readonly error: RadioError | FrameError;
  /** Until the next attempt to connect. */
  readonly retryMs: number;
}

/** There is no link: connecting failed, or the link failed during a poll. */
export interface Away extends Attempt {
  readonly kind: "away";
  readonly error: RadioError | FrameError;
  /** Until the next attempt to connect. */
  readonly retryMs: number;
}

/** Bad answers in a row after which the link is replaced. */
const MAX_BAD_ANSWERS = 3;

/**
 * Polls one device at a steady rate over one link, which is replaced whenever it is lost. When `stop` aborts, the poll in
 * progress is finished and the sequence ends.
 */
export async function* pollLoop(plan: PollPlan, deps: PollLoopDeps, stop: AbortSignal): AsyncGenerator<Poll> {
  const { radio, clock, random, onConnect } = deps;
  const schedule = steadySchedule(plan.periodMs, clock);
  const pause = createPause(clock);
  let delays = retryDelays(random);
  const memory: DriverMemory = { silent: new Set() };
  let driver: string | undefined;
  let links = 0;

  while (!stop.aborted) {
    let connection: DeviceConnection | undefined;
    let interrupted: DerivedSignal | undefined;
    let kind: "link-lost" | "away" = "away";
    let error: RadioError | FrameError;
    try {
      connection = await connectDevice(plan, { radio, clock, memory }, stop);
      const { name } = connection.driver;
      driver = name;
      links += 1;
      await onConnect?.(connection);
      const poll = poller(connection, clock);
      interrupted = firstAborted(connection.link.lost, stop);
      for (;;) {
        kind = "link-lost";
        await pause(schedule.next(), connection, interrupted.signal);
        kind = "away";
        const outcome = await poll();
        schedule.answered();
        if (outcome.kind === "answer") delays = retryDelays(random);
        yield { ...outcome, driver: name, links };
      }
    } catch (thrown) {
      if (stop.aborted) return;
      if (!(thrown instanceof RadioError || thrown instanceof FrameError)) throw thrown;
      error = thrown;
    } finally {
      interrupted?.release();
      const closed = connection?.close();
      // When stopping, do not wait: `radio.close()` waits for all links.
      if (!stop.aborted) await closed;
    }
    const retryMs = delays(error);
    yield { kind, driver, links, error, retryMs };
    await clock.sleep(retryMs, stop).catch(() => {});
  }
}

/** Faults that last until the operator does something. */
const LASTING: ReadonlySet<string> = new Set(["locked", "pairing-needed", "unsupported"]);

/** A device that was away briefly is back at once. After a long time it is found within 30 s, connecting included. */
const QUICK = { firstMs: 1_000, firstTries: 10, longestMs: 20_000 };
const SLOW = { firstMs: 2_000, longestMs: 20_000 };

/** Returns the delay before the next attempt, by the faults since the last answer. */
function retryDelays(random: () => number): (error: RadioError | FrameError) => number {
  const [quick, slow] = [backoff(QUICK, random), backoff(SLOW, random)];
  return ({ fault }) => (LASTING.has(fault) ? slow : quick).next().value;
}

/** A sample without impossible values, and their quantities: one of them does not cost the others. */
function possiblePart(sample: Sample): { readonly sample: Sample; readonly impossible: readonly Quantity[] } {
  const names = Object.keys(sample) as Quantity[];
  const impossible = names.filter((name) => !isPossibleValue(QUANTITIES[name].kind, sample[name]));
  if (impossible.length === 0) return { sample, impossible };
  const possible = names.filter((name) => !impossible.includes(name));
  return { sample: Object.fromEntries(possible.map((name) => [name, sample[name]])), impossible };
}

/** Each call polls once. The last of several bad answers in a row is thrown. @throws {RadioError} {FrameError} */
function poller({ poll, link, alternatives, receivedAtMs }: DeviceConnection, clock: Clock) {
  let badAnswers = 0;
  return async () => {
    const requestedAtMs = clock.monotonic();
    try {
      const { sample, impossible } = possiblePart(await poll());
      const receivedMs = receivedAtMs?.();
      const answeredAtMs = receivedMs ?? clock.monotonic();
      badAnswers = 0;
      const latencyMs = receivedMs === undefined ? Math.round(answeredAtMs - requestedAtMs) : undefined;
      const answer = { kind: "answer", sample, answeredAtMs, latencyMs, rssi: link.rssi } as const;
      return {
        ...answer,
        ...(alternatives.length > 0 && { alternatives }),
        ...(impossible.length > 0 && { impossible }),
      };
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // Another link would read the same values at the same pace.
      if (error.fault !== "torn") badAnswers += 1;
      if (badAnswers === MAX_BAD_ANSWERS) throw error;
      return { kind: "bad-answer", error } as const;
    }
  };
}

/**
 * Returns a function that waits for a moment of the monotonic clock. Few devices cut an idle link, and each request wakes
 * device and agent: links are kept alive only after one was lost in a pause.
 * @throws {RadioError} when the link is lost: the reason of `interrupted`, as is that of a stop
 */
function createPause(clock: Clock) {
  let needsKeepAlive = false;
  return async (momentMs: number, { keepAlive }: DeviceConnection, interrupted: AbortSignal): Promise<void> => {
    try {
      while (needsKeepAlive && keepAlive && clock.monotonic() + keepAlive.afterMs < momentMs) {
        await clock.sleep(keepAlive.afterMs, interrupted);
        await keepAlive.send().catch(unlessFrameError);
      }
      await clock.sleep(momentMs - clock.monotonic(), interrupted);
    } catch (error) {
      needsKeepAlive = true;
      throw error;
    }
  };
}

/** A malformed keep-alive reply is ignored; the link is alive. */
function unlessFrameError(error: unknown): void {
  if (!(error instanceof FrameError)) throw error;
}
