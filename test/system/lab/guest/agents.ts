import { setTimeout as sleep } from "node:timers/promises";
import { type Counts, familyOf, usualDevices } from "../../../../simulator/registry.ts";
import { until } from "../../../support/until.ts";
import type { Finding, Verdict } from "../../machine/report.ts";
import type { AgentOptions, Environment } from "./environment.ts";
import type { RunningProcess } from "./processes.ts";

/** The agents of a scenario, one for each battery, and findings about them. */
export interface Agents {
  readonly all: readonly LabAgent[];
  get(meter: string): LabAgent;
  /** Meters of all agents but the named ones. */
  others(...meters: readonly string[]): readonly string[];
  /** Starts the named agents, or all, at once. Returns the time in ms since the epoch. */
  start(...meters: readonly string[]): number;
  /** Waits for an answer of each since then. Returns the seconds from `since` to it, in the order of the meters. */
  answered(since: number, withinSeconds: number, meters?: readonly string[]): Promise<number[]>;
  /** The verdict on an expectation since then: it may have been too slow to judge. */
  judge(holds: boolean, since: number): Verdict;
  /** Finding: every poll since then was answered. */
  lostNothing(expected: string, since: number, meters: readonly string[]): Finding;
  /** Finding: each had an answer again within its goal. */
  recovered(expected: string, since: number, goalSeconds: number, meters: readonly string[]): Promise<Finding>;
  /** Finding: a line on the agent's stderr matches. */
  logged(expected: string, agent: RunningProcess, pattern: RegExp, withinSeconds: number): Promise<Finding>;
}

export interface LabAgent extends AgentOptions {
  process: RunningProcess | undefined;
}

/** An answer that was under way when a fault began does not count as recovery. */
const UNDER_WAY_MS = 100;
/** Seconds beyond a goal in which a recovery is waited for, so that a failure still has a figure. */
const PATIENCE_S = 60;

/**
 * Meters are named after family and number: `jbd1` … and `thornwave1` …, in the order of the controller's devices. Their period
 * is that of their family, or `seconds`.
 */
export function createAgents(
  environment: Environment,
  batteries: Counts,
  seconds: number,
  secondsByFamily: Counts = {},
): Agents {
  const { rows, processor } = environment;
  const numbers = new Map<string, number>();
  const all: LabAgent[] = usualDevices(batteries).map(({ address, kind }) => {
    const family = familyOf(kind);
    const number = (numbers.get(family.name) ?? 0) + 1;
    numbers.set(family.name, number);
    const options = family.agentOptions?.(address) ?? [];
    const period = new Map(Object.entries(secondsByFamily)).get(family.name) ?? seconds;
    return { meter: `${family.name}${number}`, address, seconds: period, options, process: undefined };
  });
  const names = all.map(({ meter }) => meter);
  const firstAnswer = (meter: string, since: number) => rows.answersSince(meter, since + UNDER_WAY_MS)[0];

  const agents: Agents = {
    all,
    get(meter) {
      const found = all.find((candidate) => candidate.meter === meter);
      if (!found) throw new RangeError(`no agent ${meter}`);
      return found;
    },
    others: (...meters) => names.filter((name) => !meters.includes(name)),
    start(...meters) {
      const startedAt = Date.now();
      for (const meter of meters.length > 0 ? meters : names) {
        const agent = agents.get(meter);
        agent.process = environment.startAgent(agent);
      }
      return startedAt;
    },
    async answered(since, withinSeconds, meters = names) {
      const silent = () => meters.filter((meter) => !firstAnswer(meter, since));
      await until("answers of all", () => silent().length === 0, withinSeconds * 1000).catch(() => {
        throw new Error(`no answer within ${withinSeconds} s of ${silent().join(", ")}`);
      });
      return meters.map((meter) => ((firstAnswer(meter, since)?.time ?? since) - since) / 1000);
    },
    judge(holds, since) {
      if (holds) return "passed";
      return processor.wasFullSince(since) ? "too slow to judge" : "failed";
    },
    lostNothing(expected, since, meters) {
      const counts = meters.map((meter) => ({ meter, ...rows.countSince(meter, since) }));
      const sum = (count: "asked" | "answered") => counts.reduce((total, polls) => total + polls[count], 0);
      const losers = counts.filter(({ asked, answered }) => asked !== answered).map(({ meter }) => meter);
      const silent = counts.filter(({ asked }) => asked === 0).map(({ meter }) => meter);
      const seen = [
        losers.length > 0 && `lost by ${losers.join(", ")}`,
        silent.length > 0 && `none by ${silent.join(", ")}`,
      ].filter((text) => text !== false);
      return {
        expected,
        verdict: agents.judge(seen.length === 0, since),
        polls: { asked: sum("asked"), answered: sum("answered") },
        ...(seen.length > 0 && { seen: seen.join("; ") }),
      };
    },
    async recovered(expected, since, goalSeconds, meters) {
      try {
        const recovered = await agents.answered(since, goalSeconds + PATIENCE_S, meters);
        return { expected, verdict: agents.judge(Math.max(...recovered) <= goalSeconds, since), recovered };
      } catch (error) {
        const seen = error instanceof Error ? error.message : String(error);
        return { expected, verdict: agents.judge(false, since), seen };
      }
    },
    async logged(expected, agent, pattern, withinSeconds) {
      const since = Date.now();
      const line = () => agent.stderr.find((logged) => pattern.test(logged));
      await until(expected, () => line() !== undefined, withinSeconds * 1000).catch(() => {});
      const verdict = agents.judge(line() !== undefined, since);
      return { expected, verdict, seen: withoutTime(line() ?? agent.stderr.at(-1) ?? "nothing") };
    },
  };
  return agents;
}

/** A recovery that came late misses a goal, and is not a failure. */
export function asGoal(recovery: Finding): Finding {
  const isLate = recovery.verdict === "failed" && recovery.recovered !== undefined;
  return isLate ? { ...recovery, verdict: "goal missed" } : recovery;
}

/** Removes date and time from a line of the log. */
export function withoutTime(line: string): string {
  return line.replace(/^\S+ [\d:]{8} /, "");
}

/** Lets time pass without any fault. */
export function quiet(seconds: number): Promise<void> {
  return sleep(seconds * 1000);
}
