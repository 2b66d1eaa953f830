import type { Clock } from "../common/clock.ts";
import type { Log } from "../common/log.ts";
import type { Reading } from "../common/reading.ts";
import { attendance } from "./attendance.ts";
import { createNarrator } from "./narrator.ts";
import { type Poll, type SessionEffects, type SessionPlan, session } from "./session.ts";

export interface AgentPlan extends SessionPlan {
  /** The operator's name for the device. */
  readonly meter: string;
  /** Identity of this run: 16 hexadecimal digits, random. */
  readonly run: string;
  /** End after the first poll, answered or not. */
  readonly once: boolean;
}

export interface AgentEffects extends SessionEffects {
  readonly outbox: Outlet;
  readonly log: Log;
  /** Told of each poll of the session as it comes. */
  readonly report: (poll: Poll) => void;
}

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
  const toReading = readingMaker(plan, outbox, clock);
  let answered = false;
  const polls = told(session(plan, effects, stop), [createNarrator(plan, clock, log), report]);
  for await (const poll of attendance(polls, plan.periodMs, clock)) {
    outbox.put(toReading(poll));
    answered = poll.ok;
    if (plan.once) break;
  }
  return answered;
}

async function* told(polls: AsyncGenerator<Poll>, listeners: readonly ((poll: Poll) => void)[]): AsyncGenerator<Poll> {
  for await (const poll of polls) {
    for (const listener of listeners) listener(poll);
    yield poll;
  }
}

/** Adds who and when, and the agent's own health: without an answer that is all there is to say. */
function readingMaker(plan: AgentPlan, outbox: Outlet, clock: Clock): (poll: Poll) => Reading {
  let seq = 0;
  let failures = 0;
  let lastTakenAt = 0;
  return (poll) => {
    seq += 1;
    if (!poll.ok) failures += 1;
    // A wall clock that is set back must not give two readings one time.
    lastTakenAt = Math.max(lastTakenAt + 1, Math.round(poll.ok ? poll.takenAt : clock.now()));
    return {
      meter: plan.meter,
      device: plan.address,
      driver: poll.driver ?? "unknown",
      takenAt: lastTakenAt,
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
        backlog: outbox.backlog,
        dropped: outbox.dropped,
      },
    };
  };
}
