import type { Answer } from "../../integration/system.ts";
import { excuseFor, type Promises } from "./excuse.ts";
import { couldSay, type Poll, pollsOf, type Values } from "./polls.ts";
import type { Incident } from "./story.ts";

/** A row of the database. */
export interface Stored {
  readonly meter: string;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** What the device said. */
  readonly values: Values;
  /** Of its run, from 1; undefined where the column is missing. */
  readonly number: number | undefined;
}

export interface Agent {
  readonly meter: string;
  readonly device: string;
  readonly spoolsAlways: boolean;
}

export interface Verdict {
  /** Answered polls whose agent had all that makes a row. */
  readonly taken: number;
  readonly delivered: number;
  /** Rows that say only that the device did not answer. */
  readonly absences: number;
  /** Lost by a kill of their agent, taken and not handed over. */
  readonly inTheHand: number;
  /** Lost by a kill of their agent within the window in which Telegraf or the aggregator died or stood still. */
  readonly unsettled: number;
  /** Each thing that must not be: the run has failed where there is one. */
  readonly faults: readonly Fault[];
}

/** Something that must not be. */
export interface Fault {
  readonly meter: string;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly what: string;
}

/** A row may carry a time this much before the simulator's note of its answer, which is made after handing it out, ms. */
const NOTE_LATE_MS = 1_000;

/** Compares what the devices said with what the database holds: each answered poll exactly once, and nothing else. */
export function judge(
  agents: readonly Agent[],
  answers: readonly Answer[],
  stored: readonly Stored[],
  story: readonly Incident[],
  promises: Promises,
): Verdict {
  const verdicts = agents.map((agent) => {
    const rows = stored.filter(({ meter }) => meter === agent.meter).sort((a, b) => a.time - b.time);
    return judgeAgent(agent, pollsOf(answers, agent.device), rows, story, promises);
  });
  const sum = (amount: (verdict: Verdict) => number) => verdicts.reduce((total, each) => total + amount(each), 0);
  return {
    taken: sum(({ taken }) => taken),
    delivered: sum(({ delivered }) => delivered),
    absences: sum(({ absences }) => absences),
    inTheHand: sum(({ inTheHand }) => inTheHand),
    unsettled: sum(({ unsettled }) => unsettled),
    faults: verdicts.flatMap(({ faults }) => faults),
  };
}

function judgeAgent(
  { meter, spoolsAlways }: Agent,
  polls: readonly Poll[],
  rows: readonly Stored[],
  story: readonly Incident[],
  promises: Promises,
): Verdict {
  const measured = rows.filter(({ values }) => Object.keys(values).length > 0);
  const { found, strays } = match(measured, polls);
  const faults = strays.map((stray) => ({ meter, ...stray }));
  const whole = polls.filter((poll) => poll.isWhole || found.has(poll));
  const cost = new Set<number>();
  let unsettled = 0;
  for (const [i, poll] of whole.entries()) {
    if (found.has(poll)) continue;
    const nextAt = whole[i + 1]?.readyAt ?? Number.POSITIVE_INFINITY;
    const excuse = excuseFor({ meter, spoolsAlways, at: poll.readyAt, nextAt }, story, promises);
    if (excuse?.why === "unsettled") unsettled += 1;
    else if (excuse && !cost.has(excuse.death.from)) cost.add(excuse.death.from);
    else faults.push({ meter, time: poll.readyAt, what: "lost, and nothing explains it" });
  }
  for (const { time, count } of gaps(rows, whole, found)) {
    faults.push({ meter, time, what: `${count} rows without an answer are missing after it` });
  }
  return {
    taken: whole.length,
    delivered: found.size,
    absences: rows.length - measured.length,
    inTheHand: cost.size,
    unsettled,
    faults,
  };
}

/** Gives each row, in the order of their times, the poll that it tells of. */
function match(rows: readonly Stored[], polls: readonly Poll[]) {
  const found = new Set<Poll>();
  const strays: { readonly time: number; readonly what: string }[] = [];
  let next = 0;
  for (const { time, values } of rows) {
    while ((polls[next]?.readyAt ?? Number.POSITIVE_INFINITY) <= time) next += 1;
    const last = polls[next - 1];
    const coming = polls[next];
    const isNear = coming !== undefined && coming.readyAt - time <= NOTE_LATE_MS;
    const poll = [last, isNear ? coming : undefined].find((each) => each && !found.has(each) && couldSay(each, values));
    if (poll) found.add(poll);
    else if (last && couldSay(last, values)) strays.push({ time, what: "stored twice" });
    else strays.push({ time, what: `no answer said ${JSON.stringify(values)}` });
  }
  return { found, strays };
}

/** Numbers of a run that are missing between two of its rows, beyond the answered polls that are known to be lost. */
function gaps(rows: readonly Stored[], polls: readonly Poll[], found: ReadonlySet<Poll>) {
  return rows.flatMap(({ time, number = 0 }, i) => {
    const following = rows[i + 1];
    if (!following?.number || following.number <= number) return [];
    const lost = polls.filter(
      (poll) =>
        poll.isWhole && !found.has(poll) && poll.readyAt > time - NOTE_LATE_MS && poll.readyAt <= following.time,
    );
    const count = following.number - number - 1 - lost.length;
    return count > 0 ? [{ time, count }] : [];
  });
}
