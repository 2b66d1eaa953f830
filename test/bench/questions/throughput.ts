import { join } from "node:path";
import { type Program, startProcess } from "../../../simulator/program.ts";
import { until } from "../../support/until.ts";
import { feedTelegraf, startTelegraf } from "../baselines/telegraf.ts";
import { withCleanup } from "../measure/cleanup.ts";
import { usageOf } from "../measure/process.ts";
import { listenForRows } from "../measure/row-sink.ts";
import { startAggregator } from "../measure/subjects.ts";
import { JIT_VARIANTS, type JitVariant } from "../measure/unit.ts";
import type { Bench, Measure, Question, Series } from "../question.ts";
import { atLeast, atLeastTimes, atMostTimes } from "../report/budget.ts";

const SENDER = join(import.meta.dirname, "../measure/sender-main.ts");

export const throughput: Question = {
  name: "throughput",
  title: "Readings a second through the aggregator, and Telegraf beside it",
  async ask(bench) {
    const readings = bench.isQuick ? 12_800 : 64_000;
    const columnCounts = bench.isQuick ? [61] : [49, 61];
    const agentCounts = bench.isQuick ? [1, 64] : [1, 8, 64];
    const rates = new Table();
    const costs = new Table();
    for (let run = 1; run <= bench.runs; run += 1) {
      for (const columns of columnCounts) {
        for (const agents of agentCounts) {
          for (const variant of [JIT_VARIANTS.with, JIT_VARIANTS.without]) {
            bench.progress(`run ${run} of ${bench.runs}: ${columns} columns, ${agents} agents, ${variant.name}`);
            const figures = await withCleanup(bench, (inner) => drain(inner, { readings, columns, agents, variant }));
            rates.add(columns, `aggregator ${variant.name}, ${agentText(agents)}`, figures.perSecond);
            costs.add(columns, `aggregator ${variant.name}, ${agentText(agents)}`, figures.cpuUs);
            if (figures.telegraf) {
              rates.add(columns, "Telegraf", figures.telegraf.perSecond);
              costs.add(columns, "Telegraf", figures.telegraf.cpuUs);
            }
          }
        }
      }
    }
    const rate = rates.measures("Readings a second", "a second", 0);
    const cost = costs.measures("Processor time per reading", "µs", 1);
    const [withJit, without] = [JIT_VARIANTS.with.name, JIT_VARIANTS.without.name];
    const shipped = JIT_VARIANTS.shipped.name;
    return {
      measures: [...rate, ...cost],
      budgets: [
        ...rate.flatMap((measure) =>
          agentCounts.flatMap((agents) => [
            ...atLeast(measure, `aggregator ${withJit}, ${agentText(agents)}`, 75_000),
            ...atLeast(measure, `aggregator ${without}, ${agentText(agents)}`, 20_000),
            ...atLeastTimes(measure, `aggregator ${shipped}, ${agentText(agents)}`, "Telegraf", 2),
          ]),
        ),
        ...cost.flatMap((measure) =>
          Object.values({ withJit, without }).flatMap((name) =>
            atMostTimes(measure, `aggregator ${name}, ${agentText(64)}`, `aggregator ${name}, ${agentText(1)}`, 1.2),
          ),
        ),
      ],
      notes: [
        `Backlog of ${readings} readings in the outboxes of agents in one process, to a unix stream that is read at once, from the first row to the last. The unit ships ${shipped}. Telegraf reads the same documents in the same minute and discards them.`,
      ],
    };
  },
};

const agentText = (count: number) => (count === 1 ? "1 agent" : `${count} agents`);

interface Rate {
  readonly perSecond: number;
  /** Of the program's processor time, per reading. */
  readonly cpuUs: number;
}

async function drain(
  bench: Bench,
  { readings, columns, agents, variant }: { readings: number; columns: number; agents: number; variant: JitVariant },
): Promise<Rate & { readonly telegraf?: Rate }> {
  const endpoint = `ipc://${join(bench.folder, "readings.sock")}`;
  const output = join(bench.folder, "rows.sock");
  const isTelegrafDue = variant === JIT_VARIANTS.shipped;
  const sink = await listenForRows(bench, output, { keep: isTelegrafDue });
  const aggregator = await startAggregator(bench, endpoint, ["--output", `unix://${output}`], { flags: variant.flags });
  const sender = await startSender(bench, [endpoint, String(agents), String(readings), String(columns)]);
  const before = usageOf(aggregator.pid);
  const begin = performance.now();
  sender.process.kill("SIGUSR2");
  await sink.received(readings);
  const rate = {
    perSecond: readings / ((sink.latestAt - begin) / 1000),
    cpuUs: ((usageOf(aggregator.pid).cpuMs - before.cpuMs) * 1000) / readings,
  };
  await Promise.all([sender.stop("SIGKILL"), aggregator.stop("SIGKILL")]);
  const telegraf = isTelegrafDue ? await rateOfTelegraf(bench, sink.bytes, readings) : undefined;
  return { ...rate, ...(telegraf && { telegraf }) };
}

async function startSender(bench: Bench, args: readonly string[]): Promise<Program> {
  const sender = startProcess(process.execPath, ["--import", "tsx", SENDER, ...args]);
  bench.after(() => sender.stop("SIGKILL"));
  await until("the sender is ready", () => sender.stdout.includes("ready"), 120_000, 20);
  return sender;
}

async function rateOfTelegraf(bench: Bench, documents: Buffer, readings: number): Promise<Rate | undefined> {
  const telegraf = await startTelegraf(bench);
  if (!telegraf) return undefined;
  const before = usageOf(telegraf.program.pid);
  const ms = await feedTelegraf(telegraf, documents);
  const { cpuMs } = usageOf(telegraf.program.pid);
  return { perSecond: (readings * 1000) / ms, cpuUs: ((cpuMs - before.cpuMs) * 1000) / readings };
}

/** Values by number of columns and subject. */
class Table {
  readonly #values = new Map<number, Map<string, number[]>>();
  add(columns: number, subject: string, value: number): void {
    const row = this.#values.get(columns) ?? new Map<string, number[]>();
    this.#values.set(columns, row.set(subject, [...(row.get(subject) ?? []), value]));
  }
  measures(what: string, unit: string, decimals: number): Measure[] {
    return [...this.#values].map(([columns, row]) => ({
      what: `${what}, ${columns} columns`,
      unit,
      decimals,
      series: [...row].map(([subject, values]): Series => ({ subject, values })),
    }));
  }
}
