import { join } from "node:path";
import { feedTelegraf, startTelegraf, type Telegraf } from "../baselines/telegraf.ts";
import { withCleanup } from "../measure/cleanup.ts";
import { drain, type Rate, rateOf } from "../measure/drain.ts";
import { type Usage, usageOf } from "../measure/process.ts";
import { startSender } from "../measure/sender.ts";
import { startAggregator } from "../measure/subjects.ts";
import { JIT_VARIANTS } from "../measure/unit.ts";
import type { Bench, Question } from "../question.ts";
import { atLeastTimes } from "../report/budget.ts";
import { Tally } from "../report/tally.ts";

const AGENTS = 8;
const COLUMNS = 49;
const ALONE = "documents alone, Telegraf";
const THROUGH = "through the aggregator";

export const telegraf: Question = {
  name: "telegraf",
  title: "A backlog into a real Telegraf",
  isSlow: true,
  async ask(bench) {
    if ("missing" in bench.programs.telegraf)
      return { measures: [], budgets: [], notes: [`not here: ${bench.programs.telegraf.missing}`] };
    const readings = bench.isQuick ? 12_800 : 64_000;
    const [rates, costs] = [new Tally(), new Tally()];
    for (let run = 1; run <= bench.runs; run += 1) {
      bench.progress(`run ${run} of ${bench.runs}`);
      await withCleanup(bench, async (inner) => {
        const load = { readings, agents: AGENTS, columns: COLUMNS };
        const options = { flags: JIT_VARIANTS.shipped.flags, keep: true };
        const { documents } = await withCleanup(bench, (first) => drain(first, load, options));
        const alone = await startTelegraf(inner);
        if (!alone) return;
        rates.add(ALONE, (await feedTelegraf(alone, documents, readings)).perSecond);
        const rate = await through(inner, alone, readings);
        rates.add(THROUGH, rate.aggregator.perSecond);
        costs.add("aggregator", rate.aggregator.cpuUs);
        costs.add("Telegraf", rate.telegraf.cpuUs);
      });
    }
    const rate = rates.measure("Readings a second", "a second", 0);
    return {
      measures: [rate, costs.measure("Processor time per reading", "µs", 1)],
      budgets: atLeastTimes(rate, THROUGH, ALONE, 0.9),
      notes: [
        `${readings} readings of ${AGENTS} agents, ${COLUMNS} columns. Telegraf limits where it takes the aggregator's rows as fast as the same documents from a program that has them ready.`,
      ],
    };
  },
};

async function through(bench: Bench, { socket, program }: Telegraf, readings: number) {
  const endpoint = `ipc://${join(bench.folder, "readings.sock")}`;
  const aggregator = await startAggregator(bench, endpoint, ["--output", `unix://${socket}`]);
  const sender = await startSender(bench, { endpoint, agents: AGENTS, readings, columns: COLUMNS });
  const programs = [aggregator, program] as const;
  const before = programs.map(({ pid }) => usageOf(pid));
  const begin = performance.now();
  sender.begin();
  await sender.accepted();
  const ms = performance.now() - begin;
  const [ofAggregator, ofTelegraf] = programs.map(({ pid }, i) =>
    rateOf(readings, ms, before[i] as Usage, usageOf(pid)),
  );
  return { aggregator: ofAggregator as Rate, telegraf: ofTelegraf as Rate };
}
