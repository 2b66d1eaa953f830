import type { Reading, Sample } from "../../common/model/reading.ts";
import type { Log } from "../../common/runtime/log.ts";
import { attendance } from "./offline-readings.ts";
import { createNarrator } from "./poll-log.ts";
import { type Poll, type SessionEffects, type SessionPlan, session } from "./poll-loop.ts";
import { createStamp, type StampEffects } from "./timestamps.ts";

export interface AgentPlan extends SessionPlan {
  /** The operator's name for the device. */
  readonly meter: string;
  /** Identity of this run: 16 hexadecimal digits, random. */
  readonly run: string;
  /** Times of this run come after this one, ms since the Unix epoch. */
  readonly after: number;
  /** End after the first poll, answered or not. */
  readonly once: boolean;
}

export interface AgentEffects extends SessionEffects, StampEffects {
  readonly outbox: Outlet;
  readonly log: Log;
  /** Told of each poll of the session as it comes. */
  readonly report: (poll: Poll) => void;
}

/** A reading whose time is not known yet. */
type Unstamped = Omit<Reading, "takenAt">;

/** What an agent needs of its outbox. */
export interface Outlet {
  put(reading: Reading): void;
  /** Readings not yet accepted. */
  readonly backlog: number;
  /** Readings lost to the outbox's bound. */
  readonly dropped: number;
}

/** The life of one agent: from a device's answers to readings in its outbox. Tells whether the last poll was answered. */
export async function runAgent(plan: AgentPlan, effects: AgentEffects, stop: AbortSignal): Promise<boolean> {
  const { outbox, clock, log, report } = effects;
  const stamp = createStamp<Unstamped>(plan.after, effects, (taken, takenAt) => outbox.put({ ...taken, takenAt }));
  const take = readingMaker(plan, () => ({ backlog: outbox.backlog + stamp.held, dropped: outbox.dropped }));
  let answered = false;
  const polls = told(session(plan, effects, stop), [createNarrator(plan, clock, log), report]);
  stop.addEventListener("abort", stamp.flush, { once: true });
  for await (const poll of attendance(polls, plan.periodMs, clock)) {
    stamp.put(take(poll), poll.ok ? poll.moment : clock.monotonic());
    answered = poll.ok;
    if (plan.once) break;
  }
  stamp.flush();
  return answered;
}

async function* told(polls: AsyncGenerator<Poll>, listeners: readonly ((poll: Poll) => void)[]): AsyncGenerator<Poll> {
  for await (const poll of polls) {
    for (const listener of listeners) listener(poll);
    yield poll;
  }
}

/** Adds who, and the agent's own health: without an answer that is all there is to say. */
function readingMaker(plan: AgentPlan, delivery: () => Pick<Sample, "backlog" | "dropped">): (poll: Poll) => Unstamped {
  let seq = 0;
  let failures = 0;
  return (poll) => {
    seq += 1;
    if (!poll.ok) failures += 1;
    return {
      meter: plan.meter,
      device: plan.address,
      driver: poll.driver ?? "unknown",
      run: plan.run,
      seq,
      sample: {
        ...(poll.ok && poll.sample),
        online: poll.ok ? 1 : 0,
        ...(poll.ok && poll.rssi !== undefined && { rssi: poll.rssi }),
        ...(poll.ok && { latency: poll.latencyMs }),
        polls: seq,
        failures,
        reconnects: Math.max(0, poll.links - 1),
        ...delivery(),
      },
    };
  };
}
