import type { Reading, Sample } from "../../common/model/reading.ts";
import type { Log } from "../../common/runtime/log.ts";
import { withOfflineReadings } from "./offline-readings.ts";
import { createPollLogger } from "./poll-log.ts";
import { type Answer, type Poll, type PollLoopDeps, type PollPlan, pollLoop } from "./poll-loop.ts";
import { createTimestamper, type TimestampDeps } from "./timestamps.ts";

export interface AgentPlan extends PollPlan {
  /** The operator's name for the device. */
  readonly meter: string;
  /** Identity of this run: 16 hexadecimal digits, random. */
  readonly run: string;
  /** Times of this run are later than this one, ms since the Unix epoch. */
  readonly after: number;
  /** End after the first reading, even if it is one without an answer. */
  readonly once: boolean;
}

export interface AgentDeps extends PollLoopDeps, TimestampDeps {
  readonly log: Log;
  /** Called with every poll of the loop, before it becomes a reading. */
  readonly onPoll: (poll: Poll) => void;
  readonly onReading: (reading: Reading) => void;
  /** Looked up for each reading: readings not yet accepted, and readings lost to a bound. */
  readonly outbox: { readonly backlog: number; readonly dropped: number };
}

/** A reading whose time is not known yet. */
type UntimedReading = Omit<Reading, "takenAt">;

/**
 * Polls one device until `stop` aborts and emits one reading per period. Returns whether the last poll was
 * answered.
 */
export async function runAgent(plan: AgentPlan, deps: AgentDeps, stop: AbortSignal): Promise<boolean> {
  const { outbox, clock, onPoll, onReading } = deps;
  const timestamper = createTimestamper<UntimedReading>(
    plan.after,
    (reading, takenAt) => onReading({ ...reading, takenAt }),
    deps,
  );
  const toReading = readingMaker(plan, () => ({ backlog: outbox.backlog + timestamper.held, dropped: outbox.dropped }));
  stop.addEventListener("abort", timestamper.flush, { once: true });
  // Log and status follow every attempt, many per period while the device is away; readings come once per period.
  const polls = observed(pollLoop(plan, deps, stop), [createPollLogger(plan, deps), onPoll]);
  let isAnswered = false;
  for await (const poll of withOfflineReadings(polls, plan.periodMs, clock)) {
    isAnswered = poll.kind === "answer";
    timestamper.put(toReading(poll), poll.kind === "answer" ? poll.answeredAtMs : clock.monotonic());
    if (plan.once) break;
  }
  timestamper.flush();
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
function readingMaker(
  plan: AgentPlan,
  delivery: () => Pick<Sample, "backlog" | "dropped">,
): (poll: Poll) => UntimedReading {
  let seq = 0;
  let failures = 0;
  let torn = 0;
  return (poll) => {
    seq += 1;
    if (poll.kind !== "answer") failures += 1;
    if (poll.kind === "bad-answer" && poll.error.fault === "torn") torn += 1;
    return {
      meter: plan.meter,
      device: plan.address,
      driver: poll.driver ?? "unknown",
      run: plan.run,
      seq,
      sample: {
        ...(poll.kind === "answer" ? answered(poll) : { online: 0 }),
        polls: seq,
        failures,
        torn,
        reconnects: Math.max(0, poll.links - 1),
        ...delivery(),
      },
    };
  };
}

function answered({ sample, rssi, latencyMs }: Answer): Sample {
  return { ...sample, online: 1, ...(rssi !== undefined && { rssi }), latency: latencyMs };
}
