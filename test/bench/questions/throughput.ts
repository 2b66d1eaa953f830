import { feedTelegraf, startTelegraf } from "../baselines/telegraf.ts";
import { withCleanup } from "../measure/cleanup.ts";
import { drain, type Rate } from "../measure/drain.ts";
import { naiveRate } from "../measure/naive-rate.ts";
import { JIT_VARIANTS } from "../measure/unit.ts";
import type { Answer, Bench, Measure, Question } from "../question.ts";
import { atLeast, atLeastTimes, atMostTimes } from "../report/budget.ts";
import { Tally } from "../report/tally.ts";

const VARIANTS = [JIT_VARIANTS.with, JIT_VARIANTS.without];

export const throughput: Question = {
  name: "throughput",
  title: "Readings a second through the aggregator, and Telegraf beside it",
  async ask(bench) {
    const answers: Pick<Answer, "measures" | "budgets">[] = [];
    for (const columns of bench.isQuick ? [61] : [49, 61]) answers.push(await ask(bench, columns));
    return {
      measures: answers.flatMap(({ measures }) => measures),
      budgets: answers.flatMap(({ budgets }) => budgets),
      notes: [
        `A backlog of ${readingsOf(bench)} readings in the outboxes of agents in one process, to a unix stream that is read at once, from the first message to the last row. The unit ships ${JIT_VARIANTS.shipped.name}. Telegraf reads the documents of one of these drains, in the middle of each run, and discards them; the naive aggregator (with JIT) receives as many readings from one sender.`,
      ],
    };
  },
};

const readingsOf = ({ isQuick }: Bench) => (isQuick ? 12_800 : 64_000);
const subjectOf = (variant: string, agents: number) =>
  `aggregator ${variant}, ${agents} ${agents === 1 ? "agent" : "agents"}`;

async function ask(bench: Bench, columns: number): Promise<Pick<Answer, "measures" | "budgets">> {
  const readings = readingsOf(bench);
  const agentCounts = bench.isQuick ? [1, 64] : [1, 8, 64];
  const [rates, costs] = [new Tally(), new Tally()];
  const add = (subject: string, rate: Rate | undefined) => {
    rates.add(subject, rate?.perSecond);
    costs.add(subject, rate?.cpuUs);
  };
  for (let run = 1; run <= bench.runs; run += 1) {
    for (const agents of agentCounts) {
      for (const { name, flags } of VARIANTS) {
        bench.progress(`run ${run} of ${bench.runs}: ${columns} columns, ${subjectOf(name, agents)}`);
        // Once a run, in the middle of it.
        const isForTelegraf = name === JIT_VARIANTS.shipped.name && agents === agentCounts[1];
        await withCleanup(bench, async (inner) => {
          const { rate, documents } = await drain(inner, { readings, agents, columns }, { flags, keep: isForTelegraf });
          add(subjectOf(name, agents), rate);
          if (!isForTelegraf) return;
          const telegraf = await startTelegraf(inner);
          add("Telegraf", telegraf && (await feedTelegraf(telegraf, documents, readings)));
        });
      }
    }
    add("naive", await withCleanup(bench, (inner) => naiveRate(inner, { readings, agents: 1, columns })));
  }
  const rate = rates.measure(`Readings a second, ${columns} columns`, "a second", 0);
  const cost = costs.measure(`Processor time per reading, ${columns} columns`, "µs", 1);
  return { measures: [rate, cost], budgets: budgetsOf(rate, cost, agentCounts) };
}

function budgetsOf(rate: Measure, cost: Measure, agentCounts: readonly number[]) {
  const { with: withJit, without, shipped } = JIT_VARIANTS;
  return [
    ...agentCounts.flatMap((agents) => [
      ...atLeast(rate, subjectOf(withJit.name, agents), 75_000),
      ...atLeast(rate, subjectOf(without.name, agents), 20_000),
      ...atLeastTimes(rate, subjectOf(shipped.name, agents), "Telegraf", 2),
    ]),
    ...VARIANTS.flatMap(({ name }) => atMostTimes(cost, subjectOf(name, 64), subjectOf(name, 1), 1.2)),
  ];
}
