import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "../../../simulator/program.ts";
import { type Cgroup, createCgroup } from "../measure/cgroup.ts";
import { startPackRadio } from "../measure/pack.ts";
import { listenForRows, type Row } from "../measure/row-sink.ts";
import { startAgent, startAggregator } from "../measure/subjects.ts";
import type { Bench, Budget, Measure, Question } from "../question.ts";
import { median } from "../report/statistics.ts";

const AGENTS = 8;
/** Of the agents' unit. */
const RESTART_S = 2;
const LIMITS = { memoryBytes: 128 * 1024 * 1024, cpu: 0.15 };

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
  isSturdy: true,
  async ask(bench) {
    const cgroup = createCgroup(bench, LIMITS);
    if ("missing" in cgroup) return { measures: [], budgets: [], notes: [`not here: ${cgroup.missing}`] };
    const run = bench.isQuick
      ? { startS: 30, seconds: 12, intervalS: 4 }
      : { startS: 120, seconds: 600, intervalS: 10 };
    const { gapsMs, lost, started, killed } = await observe(bench, cgroup, run);
    const starts: Budget = {
      what: `Every agent delivers a reading within ${run.startS} s`,
      figure: `${started} of ${AGENTS}`,
      isMet: started === AGENTS,
    };
    return {
      measures: measuresOf(gapsMs, cgroup),
      budgets: [starts, ...budgetsOf(gapsMs, lost, killed.later, run)],
      notes: [
        `An aggregator and ${AGENTS} agents over BlueZ within ${LIMITS.memoryBytes / 1024 / 1024} MiB and ${LIMITS.cpu * 100} % of one processor for all of them together, their starts included; one poll in ${run.intervalS} s, for ${run.seconds} s after every agent has delivered a reading. All start at the same moment, each of them again ${RESTART_S} s after it was killed, as their units do; ${killed.starting} were killed for want of memory while they started.`,
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

function budgetsOf(gapsMs: readonly number[], lost: number, killed: number, { intervalS }: Run): Budget[] {
  const lateS = Math.max(0, ...gapsMs) / 1000 - intervalS;
  return [
    {
      what: "No poll is late by more than a period",
      figure: gapsMs.length > 0 ? `${lateS.toFixed(2)} s of ${intervalS} s` : "no readings",
      isMet: gapsMs.length > 0 && lateS <= intervalS,
    },
    { what: "Every reading that was taken arrives", figure: `${lost} missing`, isMet: gapsMs.length > 0 && lost === 0 },
    {
      what: "No process is killed for want of memory once all have started",
      figure: `${killed} killed`,
      isMet: killed === 0,
    },
  ];
}

/** Readings of one meter that arrived. */
interface Arrived {
  /** Numbers of its readings, of answered polls and others, by the agent's own count. */
  readonly numbers: Set<number>;
  /** When the readings of answered polls arrived. */
  readonly answeredAt: number[];
}

/** Times between the answered polls of each meter, and readings that were taken and did not arrive. */
async function observe(bench: Bench, within: Cgroup, { startS, seconds, intervalS: interval }: Run) {
  const endpoint = `ipc://${join(bench.folder, "readings.sock")}`;
  const output = join(bench.folder, "rows.sock");
  const meters = new Map<string, Arrived>();
  const onRow = ({ meter, column }: Row, at: number) => {
    const arrived = meters.get(meter) ?? { numbers: new Set(), answeredAt: [] };
    meters.set(meter, arrived);
    arrived.numbers.add(Number(column("polls")));
    if (column("online") === "1") arrived.answeredAt.push(at);
  };
  await listenForRows(bench, output, { onRow });
  await startAggregator(bench, endpoint, ["--output", `unix://${output}`], { within });
  const radio = await startPackRadio(bench);
  for (let n = 0; n < AGENTS; n += 1) {
    const { address } = radio.addPack();
    keepRunning(() => startAgent(bench, { radio }, { meter: `b${n}`, address, endpoint, interval, within }));
  }
  const deadline = performance.now() + startS * 1000;
  const startedMeters = () => [...meters.values()].filter(({ answeredAt }) => answeredAt.length > 0).length;
  while (startedMeters() < AGENTS && performance.now() < deadline) await sleep(50);
  const started = startedMeters();
  const starting = within.killed();
  const begin = performance.now();
  await sleep(seconds * 1000);
  const gapsMs = [...meters.values()].flatMap(({ answeredAt }) =>
    [...answeredAt, performance.now()].flatMap((at, i, all) => (i > 0 && at > begin ? [at - (all[i - 1] ?? at)] : [])),
  );
  const lost = [...meters.values()].reduce((sum, { numbers }) => sum + Math.max(...numbers) - numbers.size, 0);
  return { gapsMs, lost, started, killed: { starting, later: within.killed() - starting } };

  /** Starts a program again that the kernel has killed, until the question ends. */
  function keepRunning(start: () => Program) {
    let isOver = false;
    bench.after(() => {
      isOver = true;
    });
    const run = () => {
      start().ended.then(
        async () => {
          await sleep(RESTART_S * 1000);
          if (!isOver) run();
        },
        () => {},
      );
    };
    run();
  }
}
