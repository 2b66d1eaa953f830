import { join } from "node:path";
import type { Bench } from "../question.ts";
import { type Usage, usageOf } from "./process.ts";
import { listenForRows } from "./row-sink.ts";
import { startSender } from "./sender.ts";
import { startAggregator } from "./subjects.ts";

/** How fast and at what cost readings went through a program. */
export interface Rate {
  readonly perSecond: number;
  /** Processor time of the program per reading, µs. */
  readonly cpuUs: number;
}

export interface Backlog {
  readonly readings: number;
  readonly agents: number;
  readonly columns: number;
}

export function rateOf(readings: number, ms: number, before: Usage, after: Usage): Rate {
  return { perSecond: (readings * 1000) / ms, cpuUs: ((after.cpuMs - before.cpuMs) * 1000) / readings };
}

/** A backlog through an aggregator with these flags of Node to a unix stream that is read at once, and its documents. */
export async function drain(
  bench: Bench,
  { readings, agents, columns }: Backlog,
  { flags, keep = false }: { readonly flags: readonly string[]; readonly keep?: boolean },
): Promise<{ readonly rate: Rate; readonly documents: Buffer }> {
  const endpoint = `ipc://${join(bench.folder, "readings.sock")}`;
  const output = join(bench.folder, "rows.sock");
  const sink = await listenForRows(bench, output, { keep });
  const aggregator = await startAggregator(bench, endpoint, ["--output", `unix://${output}`], { flags });
  const sender = await startSender(bench, { endpoint, agents, readings, columns });
  const before = usageOf(aggregator.pid);
  const begin = performance.now();
  sender.begin();
  await sink.received(readings);
  const rate = rateOf(readings, sink.latestAt - begin, before, usageOf(aggregator.pid));
  await Promise.all([sender.program.stop("SIGKILL"), aggregator.stop("SIGKILL")]);
  return { rate, documents: sink.bytes };
}
