import type { Answer } from "../../integration/system.ts";
import { expiredInFrozenAgent, killThatMayCost } from "./allowed-loss.ts";
import { couldBe, type Poll, pollsOf } from "./polls.ts";
import type { Stored } from "./stored.ts";
import type { TimelineEvent } from "./timeline.ts";

export interface Agent {
  readonly meter: string;
  readonly device: string;
}

export interface Verdict {
  /** Polls of which every answer was sent. */
  readonly taken: number;
  readonly delivered: number;
  /** Rows of polls without an answer. */
  readonly absences: number;
  /** Lost by a kill of their agent, taken and not yet in the outbox: at most one per kill. */
  readonly inFlight: number;
  /** Answers that came while their agent was frozen for longer than it waits for one: no reading was taken. */
  readonly expired: number;
  /** Differences between the time of a row and that of its answer, ms, in rising order. */
  readonly timesOffMs: readonly number[];
  /** The run has failed if there is one. */
  readonly violations: readonly Violation[];
}

/** A difference between answers and stored rows that is not allowed. */
export interface Violation {
  readonly meter: string;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly what: string;
}

/** The simulator logs an answer after sending it, at most this much later than the time of its row, ms. */
const LOGGED_LATE_MS = 1_000;

/**
 * Compares the answers of the devices with the database, which must hold each answered poll exactly once and nothing else;
 * only a kill may cost one reading of the killed agent. `timeWithinMs` limits the difference between the time of a row and that of its answer.
 */
export function judge(
  agents: readonly Agent[],
  answers: readonly Answer[],
  stored: readonly Stored[],
  timeline: readonly TimelineEvent[],
  timeWithinMs = Number.POSITIVE_INFINITY,
): Verdict {
  const verdicts = agents.map((agent) => {
    const rows = stored.filter(({ meter }) => meter === agent.meter).sort((a, b) => a.time - b.time);
    return judgeAgent(agent, pollsOf(answers, agent.device), rows, timeline, timeWithinMs);
  });
  const sum = (amount: (verdict: Verdict) => number) => verdicts.reduce((total, each) => total + amount(each), 0);
  return {
    taken: sum(({ taken }) => taken),
    delivered: sum(({ delivered }) => delivered),
    absences: sum(({ absences }) => absences),
    inFlight: sum(({ inFlight }) => inFlight),
    expired: sum(({ expired }) => expired),
    timesOffMs: verdicts.flatMap(({ timesOffMs }) => timesOffMs).sort((a, b) => a - b),
    violations: verdicts.flatMap(({ violations }) => violations),
  };
}

function judgeAgent(
  { meter }: Agent,
  polls: readonly Poll[],
  rows: readonly Stored[],
  timeline: readonly TimelineEvent[],
  timeWithinMs: number,
): Verdict {
  const measured = rows.filter(({ values }) => Object.keys(values).length > 0);
  const { found, strays } = match(measured, polls);
  const violations = strays.map((stray) => ({ meter, ...stray }));
  const answered = polls.filter((poll) => poll.isComplete || found.has(poll));
  const complete = answered.filter(
    (poll) => found.has(poll) || !expiredInFrozenAgent({ meter, at: poll.readyAt }, timeline),
  );
  const killsWithLoss = new Set<number>();
  const timesOffMs: number[] = [];
  for (const [{ readyAt }, time] of found) {
    const offMs = Math.abs(time - readyAt);
    timesOffMs.push(offMs);
    if (offMs > timeWithinMs) violations.push({ meter, time: readyAt, what: `its row is ${offMs} ms beside it` });
  }
  for (const [i, poll] of complete.entries()) {
    if (found.has(poll)) continue;
    const nextAt = complete[i + 1]?.readyAt ?? Number.POSITIVE_INFINITY;
    const kill = killThatMayCost({ meter, at: poll.readyAt, nextAt }, timeline);
    if (kill && !killsWithLoss.has(kill.from)) killsWithLoss.add(kill.from);
    else violations.push({ meter, time: poll.readyAt, what: "lost without an allowed reason" });
  }
  for (const { time, count } of gaps(rows, answered, found)) {
    violations.push({ meter, time, what: `${count} rows without an answer are missing after it` });
  }
  return {
    taken: complete.length,
    delivered: found.size,
    absences: rows.length - measured.length,
    inFlight: killsWithLoss.size,
    expired: answered.length - complete.length,
    timesOffMs,
    violations,
  };
}

/** Assigns each row, ordered by time, to its poll: the time of the row by poll, and the rows without one. */
function match(rows: readonly Stored[], polls: readonly Poll[]) {
  const found = new Map<Poll, number>();
  const strays: { readonly time: number; readonly what: string }[] = [];
  let next = 0;
  for (const { time, values } of rows) {
    while ((polls[next]?.readyAt ?? Number.POSITIVE_INFINITY) <= time) next += 1;
    const last = polls[next - 1];
    const following = polls[next];
    const isNear = following !== undefined && following.readyAt - time <= LOGGED_LATE_MS;
    const poll = [last, isNear ? following : undefined].find(
      (each) => each && !found.has(each) && couldBe(each, values),
    );
    if (poll) found.set(poll, time);
    else if (last && couldBe(last, values)) strays.push({ time, what: "stored twice" });
    else strays.push({ time, what: `no answer held ${JSON.stringify(values)}` });
  }
  return { found, strays };
}

/** Poll numbers that are missing between two rows of a run, not counting answered polls that are known to be lost. */
function gaps(rows: readonly Stored[], polls: readonly Poll[], found: ReadonlyMap<Poll, number>) {
  return rows.flatMap(({ time, number = 0 }, i) => {
    const following = rows[i + 1];
    if (!following?.number || following.number <= number) return [];
    const lost = polls.filter(
      (poll) =>
        poll.isComplete && !found.has(poll) && poll.readyAt > time - LOGGED_LATE_MS && poll.readyAt <= following.time,
    );
    const count = following.number - number - 1 - lost.length;
    return count > 0 ? [{ time, count }] : [];
  });
}
