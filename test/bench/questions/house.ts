import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withCleanup } from "../measure/cleanup.ts";
import { startPackRadio } from "../measure/pack.ts";
import { memoryOf } from "../measure/process.ts";
import { startAgent, startAggregator, startPeer } from "../measure/subjects.ts";
import type { Bench, Question } from "../question.ts";
import { atMost } from "../report/budget.ts";
import { slope } from "../report/statistics.ts";
import { Tally } from "../report/tally.ts";

const INTERVAL_S = 10;

export const house: Question = {
  name: "house",
  title: "Memory of a whole house",
  isSlow: true,
  async ask(bench) {
    const counts = bench.isQuick ? [4, 8] : [4, 8, 32];
    const ageS = bench.isQuick ? 8 : 60;
    const sums = new Tally();
    const slopes = new Tally();
    bench.progress(`${counts.join(", ")} agents, ${ageS} s`);
    const [fourPeers, ...houses] = await Promise.all([
      withCleanup(bench, (inner) => peers(inner, 4, ageS)),
      ...counts.map((agents) => withCleanup(bench, (inner) => houseOf(withOwnNode(inner), agents, ageS))),
    ]);
    for (const [i, agents] of counts.entries()) sums.add(`aggregator and ${agents} agents`, houses[i]);
    slopes.add("one agent more", slope(counts.map((agents, i) => [agents, houses[i] ?? Number.NaN] as const)));
    sums.add("4 peers", fourPeers);
    const sum = sums.measure("Sum of proportional memory (Pss)", "MB", 1);
    return {
      measures: [sum, slopes.measure("Growth with the house", "MB", 2)],
      budgets: atMost(sum, "aggregator and 4 agents", 70),
      notes: [
        `One poll in ${INTERVAL_S} s over BlueZ; ${ageS} s old; one run, all houses at once. Each uses a copy of Node of its own, so that nothing else on the machine shares its pages.`,
      ],
    };
  },
};

/** Pages of a program are shared by the processes that use the same file. */
function withOwnNode(bench: Bench): Bench {
  const node = join(bench.folder, "node");
  copyFileSync(bench.programs.node, node);
  return { ...bench, programs: { ...bench.programs, node } };
}

async function houseOf(bench: Bench, agents: number, ageS: number): Promise<number> {
  const endpoint = `ipc://${join(bench.folder, "readings.sock")}`;
  const radio = await startPackRadio(bench);
  const aggregator = await startAggregator(bench, endpoint);
  const programs = Array.from({ length: agents }, (_, n) =>
    startAgent(bench, { radio }, { meter: `h${n}`, address: radio.addPack().address, endpoint, interval: INTERVAL_S }),
  );
  return pssAt([aggregator, ...programs], ageS);
}

async function peers(bench: Bench, count: number, ageS: number): Promise<number | undefined> {
  const radio = await startPackRadio(bench);
  const programs = Array.from({ length: count }, () =>
    startPeer(bench, { radio, address: radio.addPack().address, interval: INTERVAL_S }),
  ).filter((program) => program !== undefined);
  return programs.length > 0 ? pssAt(programs, ageS) : undefined;
}

async function pssAt(programs: readonly { readonly pid: number }[], ageS: number): Promise<number> {
  await sleep(ageS * 1000);
  return programs.reduce((sum, { pid }) => sum + memoryOf(pid).proportional, 0) / 1e6;
}
