import { setTimeout as sleep } from "node:timers/promises";
import { usualDevices } from "../../../../simulator/simulator.ts";
import { until } from "../../../support/until.ts";
import type { Finding, PollCount, Verdict } from "../report.ts";
import type { RunningProcess } from "./processes.ts";
import type { AgentPlan, Stage } from "./stage.ts";

/** The agents of a scenario, one for each battery, and what is expected of them. */
export interface Fleet {
  readonly agents: readonly FleetAgent[];
  agent(meter: string): FleetAgent;
  /** All but the named. */
  others(...meters: readonly string[]): readonly string[];
  /** Starts the named agents, or all, at once. Returns when that was, in ms since the epoch. */
  start(...meters: readonly string[]): number;
  /** Waits for an answer of each since then; seconds from `since` to it, in the order of the meters. */
  answered(since: number, withinSeconds: number, meters?: readonly string[]): Promise<number[]>;
  /** A verdict on what was measured since then: `slow` where it does not hold on a machine that had no time to spare. */
  judge(holds: boolean, since: number): Verdict;
  /** A finding about polls: that every one since then was answered. */
  lostNothing(expected: string, since: number, meters: readonly string[]): Finding;
  /** A finding about time: that each answered again within its goal. */
  cameBack(expected: string, since: number, goalSeconds: number, meters: readonly string[]): Promise<Finding>;
}

export interface FleetAgent extends AgentPlan {
  process: RunningProcess | undefined;
}

/** An answer that was on its way when a trouble came is none that came back. */
const UNDER_WAY_MS = 100;
/** How long beyond its goal a recovery is waited for, so that a failure still tells how long it took. */
const PATIENCE_S = 60;

/** Meters are named after kind and number: `jbd1` … and `thornwave1` …, as the controller has them. */
export function createFleet(stage: Stage, batteries: { jbd: number; thornwave: number }, seconds: number): Fleet {
  const names = [
    ...Array.from({ length: batteries.jbd }, (_, index) => `jbd${index + 1}`),
    ...Array.from({ length: batteries.thornwave }, (_, index) => `thornwave${index + 1}`),
  ];
  const agents: FleetAgent[] = usualDevices(batteries.jbd, batteries.thornwave).map(({ address }, index) => ({
    meter: names[index] ?? address,
    address,
    seconds,
    process: undefined,
  }));
  const agent = (meter: string) => {
    const found = agents.find((candidate) => candidate.meter === meter);
    if (!found) throw new RangeError(`no agent ${meter}`);
    return found;
  };
  const firstAnswer = (meter: string, since: number) => stage.ledger.answersSince(meter, since + UNDER_WAY_MS)[0];
  const judge = (holds: boolean, since: number): Verdict => {
    if (holds) return "passed";
    return stage.processor.wasFullSince(since) ? "slow" : "failed";
  };

  const fleet: Fleet = {
    agents,
    agent,
    judge,
    others: (...meters) => names.filter((name) => !meters.includes(name)),
    start(...meters) {
      const startedAt = Date.now();
      for (const meter of meters.length > 0 ? meters : names) {
        const planned = agent(meter);
        planned.process = stage.startAgent(planned);
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
    lostNothing(expected, since, meters) {
      const counts = meters.map((meter) => stage.ledger.countSince(meter, since));
      const polls: PollCount = {
        asked: counts.reduce((sum, { asked }) => sum + asked, 0),
        answered: counts.reduce((sum, { answered }) => sum + answered, 0),
      };
      const losers = meters.filter((_, index) => counts[index]?.asked !== counts[index]?.answered);
      const silent = meters.filter((_, index) => counts[index]?.asked === 0);
      const holds = losers.length === 0 && silent.length === 0;
      const seen = [
        losers.length > 0 && `lost by ${losers.join(", ")}`,
        silent.length > 0 && `none by ${silent.join(", ")}`,
      ];
      return {
        expected,
        verdict: judge(holds, since),
        polls,
        ...(!holds && { seen: seen.filter(Boolean).join("; ") }),
      };
    },
    async cameBack(expected, since, goalSeconds, meters) {
      try {
        const recovered = await fleet.answered(since, goalSeconds + PATIENCE_S, meters);
        return { expected, verdict: judge(Math.max(...recovered) <= goalSeconds, since), recovered };
      } catch (error) {
        return { expected, verdict: judge(false, since), seen: error instanceof Error ? error.message : String(error) };
      }
    },
  };
  return fleet;
}

/** Lets time pass in which nothing is done to anybody. */
export function quiet(seconds: number): Promise<void> {
  return sleep(seconds * 1000);
}
