import type { Reading, Sample } from "../../common/model/reading.ts";
import type { Log } from "../../common/runtime/log.ts";
import type { Timekeeper } from "../clock/timekeeper.ts";
import { withOfflineReadings } from "./offline-readings.ts";
import { createPollLogger } from "./poll-log.ts";
import { type Answer, type Poll, type PollLoopDeps, type PollPlan, pollLoop } from "./poll-loop.ts";

export interface AgentPlan extends PollPlan {
  /** The operator's name for the device. */
  readonly meter: string;
  /** The operator's name for its place. */
  readonly site?: string;
  /** Identity of this run: 16 hexadecimal digits, random. */
  readonly run: string;
  /** End after the first reading, even if it is one without an answer. */
  readonly once: boolean;
}

export interface AgentDeps extends PollLoopDeps {
  readonly log: Log;
  /** Called with every poll of the loop, before it becomes a reading. */
  readonly onPoll: (poll: Poll) => void;
  /** Called with every reading and the moment of `clock.uptime()` at which it was taken. */
  readonly onReading: (reading: Reading, uptimeMs: number) => void;
  readonly timekeeper: Pick<Timekeeper, "momentOf">;
  /** Looked up for each reading: readings not yet accepted, and readings lost to a bound. */
  readonly outbox: { readonly backlog: number; readonly dropped: number };
}

/**
 * Polls one device until `stop` aborts and emits one reading per period. Returns whether the last poll was
 * answered.
 */
export async function runAgent(plan: AgentPlan, deps: AgentDeps, stop: AbortSignal): Promise<boolean> {
  const { outbox, clock, timekeeper, onPoll, onReading } = deps;
  const toReading = readingMaker(plan, outbox);
  // Log and status follow every attempt, many per period while the device is away; readings come once per period.
  const polls = observed(pollLoop(plan, deps, stop), [createPollLogger(plan, deps), onPoll]);
  let isAnswered = false;
  for await (const poll of withOfflineReadings(polls, plan.periodMs, clock)) {
    isAnswered = poll.kind === "answer";
    const { takenAt, uptimeMs } = timekeeper.momentOf(poll.kind === "answer" ? poll.answeredAtMs : clock.monotonic());
    onReading(toReading(poll, takenAt), uptimeMs);
    if (plan.once) break;
  }
  return isAnswered;
}

/** Passes polls on unchanged, each after every observer was called with it. */
async function* observed(
  polls: AsyncGenerator<Poll>,
  observers: readonly ((poll: Poll) => void)[],
): AsyncGenerator<Poll> {
  for await (const poll of polls) {
    for (const observe of observers) observe(poll);
    yield poll;
  }
}

/** Adds the identity of device and run, and the agent's own health: the only quantities of a reading without an answer. */
function readingMaker(plan: AgentPlan, outbox: AgentDeps["outbox"]): (poll: Poll, takenAt: number) => Reading {
  let seq = 0;
  let failures = 0;
  let torn = 0;
  return (poll, takenAt) => {
    seq += 1;
    if (poll.kind !== "answer") failures += 1;
    if (poll.kind === "bad-answer" && poll.error.fault === "torn") torn += 1;
    return {
      ...(plan.site !== undefined && { site: plan.site }),
      meter: plan.meter,
      device: plan.address,
      driver: poll.driver ?? "unknown",
      takenAt,
      run: plan.run,
      seq,
      sample: {
        ...(poll.kind === "answer" ? answered(poll) : { online: 0 }),
        polls: seq,
        failures,
        torn,
        reconnects: Math.max(0, poll.links - 1),
        backlog: outbox.backlog,
        dropped: outbox.dropped,
      },
    };
  };
}

function answered({ sample, rssi, latencyMs }: Answer): Sample {
  return {
    ...sample,
    online: 1,
    ...(rssi !== undefined && { rssi }),
    ...(latencyMs !== undefined && { latency: latencyMs }),
  };
}
