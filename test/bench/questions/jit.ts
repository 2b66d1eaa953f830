import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { stageUnits } from "../../system/systemd/staging.ts";
import { withCleanup } from "../measure/cleanup.ts";
import { memoryOf, usageOf } from "../measure/process.ts";
import { listenForRows } from "../measure/row-sink.ts";
import { startSender } from "../measure/sender.ts";
import { startAggregator } from "../measure/subjects.ts";
import { JIT_VARIANTS } from "../measure/unit.ts";
import type { Bench, Measure, Question } from "../question.ts";
import { Tally } from "../report/tally.ts";

const AGENTS = 8;
const COLUMNS = 49;
/** Readings a second that a house of 16 batteries at one poll in 2 s takes. */
const CALM_PER_SECOND = 8;
const VARIANTS = [JIT_VARIANTS.without, JIT_VARIANTS.with];

export const jit: Question = {
  name: "jit",
  title: "The aggregator with and without Node's compiler",
  isSlow: true,
  async ask(bench) {
    const readings = bench.isQuick ? 6_400 : 64_000;
    const seconds = bench.isQuick ? 5 : 20;
    const tallies = { rate: new Tally(), calm: new Tally(), start: new Tally(), memory: new Tally() };
    for (let run = 1; run <= bench.runs; run += 1) {
      for (const { name, flags } of VARIANTS) {
        bench.progress(`run ${run} of ${bench.runs}: ${name}`);
        await withCleanup(bench, async (inner) => {
          const begin = performance.now();
          const house = await startHouse(inner, flags);
          tallies.start.add(name, performance.now() - begin);
          tallies.calm.add(name, await calmCost(inner, house, seconds));
          tallies.rate.add(name, await backlogRate(inner, house, readings, seconds * CALM_PER_SECOND));
          tallies.memory.add(name, memoryOf(house.pid).privateDirty / 1e6);
        });
      }
    }
    const { rate, calm, start, memory } = tallies;
    return {
      measures: [
        rate.measure("Readings a second of a backlog", "a second", 0),
        calm.measure(`Processor time per 1,000 readings at ${CALM_PER_SECOND} a second`, "s", 2),
        memory.measure("Private dirty memory after the backlog", "MB", 1),
        start.measure("Start until it listens", "ms", 0),
        ...exposure(),
      ],
      budgets: [],
      notes: [
        `${readings} readings of ${AGENTS} agents, ${COLUMNS} columns. The unit ships ${JIT_VARIANTS.shipped.name}. The compiler needs memory that is writable and executable, which MemoryDenyWriteExecute=yes forbids; exposure counts from 0 (safe) to 10, by systemd-analyze.`,
      ],
    };
  },
};

interface House {
  readonly pid: number;
  readonly endpoint: string;
  readonly received: (rows: number) => Promise<void>;
}

async function startHouse(bench: Bench, flags: readonly string[]): Promise<House> {
  const endpoint = `ipc://${join(bench.folder, "readings.sock")}`;
  const output = join(bench.folder, "rows.sock");
  const { received } = await listenForRows(bench, output);
  const { pid } = await startAggregator(bench, endpoint, ["--output", `unix://${output}`], { flags });
  return { pid, endpoint, received };
}

/** Processor time per 1,000 readings that come one at a time, s. */
async function calmCost(bench: Bench, { pid, endpoint, received }: House, seconds: number): Promise<number> {
  const readings = seconds * CALM_PER_SECOND;
  const load = { agents: 1, columns: COLUMNS, readings, perSecond: CALM_PER_SECOND };
  const sender = await startSender(bench, { endpoint, ...load });
  const before = usageOf(pid);
  sender.begin();
  await received(readings);
  const cost = (usageOf(pid).cpuMs - before.cpuMs) / readings;
  await sender.program.stop("SIGKILL");
  return cost;
}

/** Readings a second, after as many calm ones. */
async function backlogRate(
  bench: Bench,
  { endpoint, received }: House,
  readings: number,
  calm: number,
): Promise<number> {
  const sender = await startSender(bench, { endpoint, agents: AGENTS, columns: COLUMNS, readings });
  const begin = performance.now();
  sender.begin();
  await received(calm + readings);
  return (readings * 1000) / (performance.now() - begin);
}

/** How much of the system the unit may reach, with its seal on memory and without; nothing where systemd is not here. */
function exposure(): Measure[] {
  const tally = new Tally();
  for (const { name } of VARIANTS) {
    const staging = stageUnits();
    const seal = name === JIT_VARIANTS.with.name ? "no" : "yes";
    staging.dropIn("bms-aggregator.service", { lines: `[Service]\nMemoryDenyWriteExecute=${seal}\n` });
    const args = ["security", "--offline=true", `--root=${staging.root}`, "--no-pager", "bms-aggregator.service"];
    const { stdout } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
    staging.remove();
    const [, level] = /Overall exposure level for .*: (\d+\.\d)/.exec(stdout ?? "") ?? [];
    tally.add(name, level === undefined ? undefined : Number(level));
  }
  return [tally.measure("Exposure of its unit", "", 1)];
}
