import type { Sample } from "../../common/model/reading.ts";
import { firstAborted } from "../../common/runtime/abort.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import { FrameError } from "../codec/frame-error.ts";
import { type Radio, RadioError } from "../radio/radio.ts";
import { backoff } from "./backoff.ts";
import { connectDevice, type DeviceConnection, type Target } from "./connect.ts";
import { steadySchedule } from "./schedule.ts";

export interface SessionPlan extends Target {
  readonly periodMs: number;
}

export interface SessionEffects {
  readonly radio: Radio;
  readonly clock: Clock;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
}

/** What came of one attempt to learn something from the device. */
export type Poll = Answer | Failure;

export interface Answer {
  readonly ok: true;
  /** Links made so far. */
  readonly links: number;
  readonly driver: string;
  readonly sample: Sample;
  /** When the answer was complete, ms of the monotonic clock. */
  readonly moment: number;
  readonly latencyMs: number;
  /** dBm. */
  readonly rssi: number | undefined;
}

export interface Failure {
  readonly ok: false;
  readonly links: number;
  /** Undefined before the first link. */
  readonly driver: string | undefined;
  readonly error: RadioError | FrameError;
  /** False where the link was lost between two polls: none has failed yet. */
  readonly asked: boolean;
  /** Until the link is made anew; undefined where it stands and the next poll comes as planned. */
  readonly retryMs: number | undefined;
}

/** Bad answers in a row after which a fresh link may help. */
const BAD_ANSWERS = 3;

/**
 * Asks one device at a steady rate over one link, which is made anew whenever it is lost. When `stop` aborts, the poll
 * under way is finished and the sequence ends.
 */
export async function* session(plan: SessionPlan, effects: SessionEffects, stop: AbortSignal): AsyncGenerator<Poll> {
  const { radio, clock, random } = effects;
  const schedule = steadySchedule(plan.periodMs, clock);
  let delays = retryDelays(random);
  let driver: string | undefined;
  let links = 0;

  while (!stop.aborted) {
    let connection: DeviceConnection | undefined;
    let asked = true;
    let error: RadioError | FrameError;
    try {
      connection = await connectDevice(plan, { radio, clock }, stop);
      driver = connection.driver.name;
      links += 1;
      const ask = questioner(connection, clock);
      for (;;) {
        asked = false;
        await waitUntil(schedule.next(), connection, clock, stop);
        asked = true;
        const result = await ask();
        schedule.answered();
        if (result.ok) delays = retryDelays(random);
        yield { ...result, driver, links };
      }
    } catch (thrown) {
      if (stop.aborted) return;
      if (!(thrown instanceof RadioError || thrown instanceof FrameError)) throw thrown;
      error = thrown;
    } finally {
      const closed = connection?.close();
      // Told to stop, nobody need wait for it here: closing the radio does.
      if (!stop.aborted) await closed;
    }
    const retryMs = delays(error);
    yield { ok: false, driver, links, error, asked, retryMs };
    await clock.sleep(retryMs, stop).catch(() => {});
  }
}

/** Faults that last until the operator does something. */
const LASTING: ReadonlySet<string> = new Set(["locked", "pairing-needed", "unsupported"]);

/** How long to wait after each failure since the last answer. */
function retryDelays(random: () => number): (error: RadioError | FrameError) => number {
  const [soon, patient] = [backoff(random), backoff(random, 0)];
  return ({ fault }) => (LASTING.has(fault) ? patient : soon).next().value;
}

/** Asks once a call. The last of several bad answers in a row is thrown. @throws {RadioError} {FrameError} */
function questioner({ poll, link }: DeviceConnection, clock: Clock) {
  let badAnswers = 0;
  return async () => {
    const askedAt = clock.monotonic();
    try {
      const sample = await poll();
      const moment = clock.monotonic();
      const latencyMs = Math.round(moment - askedAt);
      badAnswers = 0;
      return { ok: true, sample, moment, latencyMs, rssi: link.rssi } as const;
    } catch (error) {
      badAnswers += 1;
      if (!(error instanceof FrameError) || badAnswers === BAD_ANSWERS) throw error;
      return { ok: false, error, asked: true, retryMs: undefined } as const;
    }
  };
}

/**
 * Waits for a moment of the monotonic clock, keeping the link alive meanwhile.
 * @throws {RadioError} when the link is lost; the reason of `stop`
 */
async function waitUntil(
  momentMs: number,
  connection: DeviceConnection,
  clock: Clock,
  stop: AbortSignal,
): Promise<void> {
  const { keepAlive, link } = connection;
  const interrupted = firstAborted(link.lost, stop);
  try {
    while (keepAlive && clock.monotonic() + keepAlive.afterMs < momentMs) {
      await clock.sleep(keepAlive.afterMs, interrupted.signal);
      await keepAlive.send().catch(unlessFrameError);
    }
    await clock.sleep(momentMs - clock.monotonic(), interrupted.signal);
  } finally {
    interrupted.release();
  }
}

/** An answer that only keeps the link alive may be as bad as it likes. */
function unlessFrameError(error: unknown): void {
  if (!(error instanceof FrameError)) throw error;
}
