import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Cgroup, createCgroup } from "../measure/cgroup.ts";
import { type Pack, startPackRadio } from "../measure/pack.ts";
import { listenForRows } from "../measure/row-sink.ts";
import { startAgent, startAggregator } from "../measure/subjects.ts";
import type { Bench, Budget, Measure, Question } from "../question.ts";
import { median } from "../report/statistics.ts";

const AGENTS = 8;
const LIMITS = { memoryBytes: 128 * 1024 * 1024, cpu: 0.15 };
/** Time for the last rows, ms. */
const SETTLE_MS = 2_000;

interface Run {
  /** Within which every agent has delivered its first reading. */
  readonly startS: number;
  readonly seconds: number;
  readonly intervalS: number;
}

export const board: Question = {
  name: "board",
  title: "A house on a small board",
  isSlow: true,
  async ask(bench) {
    const cgroup = createCgroup(bench, LIMITS);
    if ("missing" in cgroup) return { measures: [], budgets: [], notes: [`not here: ${cgroup.missing}`] };
    const run = bench.isQuick
      ? { startS: 30, seconds: 12, intervalS: 4 }
      : { startS: 120, seconds: 600, intervalS: 10 };
    const { gapsMs, lost, started } = await observe(bench, cgroup, run);
    const starts: Budget = {
      what: `Every agent delivers a reading within ${run.startS} s`,
      figure: `${started} of ${AGENTS}`,
      isMet: started === AGENTS,
    };
    return {
      measures: measuresOf(gapsMs, cgroup),
      budgets: [starts, ...budgetsOf(gapsMs, lost, cgroup, run)],
      notes: [
        `An aggregator and ${AGENTS} agents over BlueZ within ${LIMITS.memoryBytes / 1024 / 1024} MiB and ${LIMITS.cpu * 100} % of one processor for all of them together, their starts included; one poll in ${run.intervalS} s, for ${run.seconds} s after every agent has delivered a reading. A program that is killed is not started again.`,
      ],
    };
  },
};

function measuresOf(gapsMs: readonly number[], cgroup: Cgroup): Measure[] {
  const gaps = gapsMs.length > 0 ? { median: [median(gapsMs) / 1000], longest: [Math.max(...gapsMs) / 1000] } : {};
  return [
    {
      what: "Time between two readings of a meter",
      unit: "s",
      decimals: 2,
      series: Object.entries(gaps).map(([subject, values]) => ({ subject, values })),
    },
    {
      what: "Highest use of memory, page cache included",
      unit: "MB",
      decimals: 0,
      series: [{ subject: "house", values: [cgroup.peakBytes() / 1e6] }],
    },
  ];
}

function budgetsOf(gapsMs: readonly number[], lost: number, cgroup: Cgroup, { intervalS }: Run): Budget[] {
  const lateS = Math.max(0, ...gapsMs) / 1000 - intervalS;
  return [
    {
      what: "No poll is late by more than a period",
      figure: gapsMs.length > 0 ? `${lateS.toFixed(2)} s of ${intervalS} s` : "no readings",
      isMet: gapsMs.length > 0 && lateS <= intervalS,
    },
    { what: "No answer of a battery stays undelivered", figure: `${lost} of them`, isMet: lost === 0 },
    {
      what: "No process is killed for want of memory",
      figure: `${cgroup.killed()} killed`,
      isMet: cgroup.killed() === 0,
    },
  ];
}

/** Times between the readings of each meter, and answers of which no reading came. */
async function observe(bench: Bench, within: Cgroup, { startS, seconds, intervalS: interval }: Run) {
  const endpoint = `ipc://${join(bench.folder, "readings.sock")}`;
  const output = join(bench.folder, "rows.sock");
  const rows = new Map<string, number[]>();
  const onRow = (meter: string, at: number) => void rows.set(meter, [...(rows.get(meter) ?? []), at]);
  await listenForRows(bench, output, { onRow });
  await startAggregator(bench, endpoint, ["--output", `unix://${output}`], { within });
  const radio = await startPackRadio(bench);
  const packs = Array.from({ length: AGENTS }, () => radio.addPack());
  for (const [n, { address }] of packs.entries())
    startAgent(bench, { radio }, { meter: `b${n}`, address, endpoint, interval, within });
  const deadline = performance.now() + startS * 1000;
  while (rows.size < AGENTS && performance.now() < deadline) await sleep(50);
  const started = rows.size;
  const begin = performance.now();
  await sleep(seconds * 1000);
  const answered = packs.map(pollsOf);
  await sleep(SETTLE_MS);
  const gapsMs = [...rows.values()].flatMap((times) =>
    times.slice(1).flatMap((at, i) => (at > begin ? [at - (times[i] ?? at)] : [])),
  );
  const lost = answered.reduce((sum, count, n) => sum + Math.max(0, count - (rows.get(`b${n}`)?.length ?? 0)), 0);
  return { gapsMs, lost, started };
}

/** Polls whose two answers the battery has given; a request that was repeated is of the same poll. */
const pollsOf = ({ exchanges }: Pack) =>
  exchanges.filter(
    ({ register, answeredAt }, i) =>
      register === "04" && answeredAt !== undefined && exchanges[i - 1]?.register !== "04",
  ).length;
