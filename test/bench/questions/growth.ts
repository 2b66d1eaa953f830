import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withCleanup } from "../measure/cleanup.ts";
import { collect } from "../measure/collector.ts";
import { deferred } from "../measure/deferred.ts";
import { startPackRadio } from "../measure/pack.ts";
import { memoryOf } from "../measure/process.ts";
import { listenForRows } from "../measure/row-sink.ts";
import { startSender } from "../measure/sender.ts";
import { startAgent, startAggregator } from "../measure/subjects.ts";
import type { Answer, Bench, Question } from "../question.ts";
import { type GrowthPoint, growthOf } from "../report/growth.ts";

/** The agent's clocks and timers run so many times as fast: 100,000 polls of 50 ms would take 83 minutes. */
const FAST_TIME = 10;
const INTERVAL_S = 0.05;
/** Looks at the memory on the way. */
const LOOKS = 40;
/** Lets an aggregator be idle between two readings of the clock. */
const IN_FLIGHT = 2_000;

export const growth: Question = {
  name: "growth",
  title: "Growth of memory with polls and readings",
  isSlow: true,
  isSturdy: true,
  async ask(bench) {
    const [polls, readings] = bench.isQuick ? [500, 12_000] : [100_000, 1_000_000];
    bench.progress(`${polls} polls through an agent`);
    const agent = await withCleanup(bench, (inner) => agentUnder(inner, polls));
    bench.progress(`${readings} readings through an aggregator`);
    const aggregator = await withCleanup(bench, (inner) => aggregatorUnder(inner, readings));
    const answers = [
      reportOf(`agent, ${polls} polls`, agent),
      reportOf(`aggregator, ${readings} readings`, aggregator),
    ];
    return {
      measures: answers.flatMap(({ measures }) => measures),
      budgets: answers.flatMap(({ budgets }) => budgets),
      notes: [
        `Private dirty memory, looked at ${LOOKS} times after the first tenth; a straight line is fitted, and the growth is 0 if the line rises by less than the values spread around it. One run. The agent polls over BlueZ with instant answers, with time that runs ${FAST_TIME} times as fast.`,
      ],
    };
  },
};

function reportOf(about: string, points: readonly GrowthPoint[]): Pick<Answer, "measures" | "budgets"> {
  const { rise, spread } = growthOf(points);
  const megabytes = points.map(({ bytes }) => bytes / 1e6);
  const series = [
    { subject: "after a tenth", values: megabytes.slice(0, 1) },
    { subject: "at the end", values: megabytes.slice(-1) },
    { subject: "rise of the line", values: [rise / 1e6] },
    { subject: "spread around it", values: [spread / 1e6] },
  ];
  return {
    measures: [{ what: `Private dirty memory, ${about}`, unit: "MB", decimals: 2, series }],
    budgets: [
      {
        what: `Growth of an ${about}: none beyond the spread`,
        figure: `${(rise / 1e6).toFixed(2)} MB of ${(spread / 1e6).toFixed(2)} MB`,
        isMet: rise <= spread,
      },
    ],
  };
}

async function agentUnder(bench: Bench, polls: number): Promise<GrowthPoint[]> {
  const endpoint = `ipc://${join(bench.folder, "readings.sock")}`;
  const radio = await startPackRadio(bench);
  const { address } = radio.addPack(0);
  const looks = lookAt(polls);
  const finished = deferred<void>();
  let done = 0;
  await collect(bench, endpoint, () => {
    done += 1;
    looks.advanceTo(done, agent.pid);
    if (looks.isFinished) finished.resolve();
  });
  const preload = join(import.meta.dirname, "../measure/fast-time.mjs");
  const env = { FAST_TIME: String(FAST_TIME), NODE_OPTIONS: `--import=${preload}` };
  const agent = startAgent(bench, { radio }, { meter: "growth", address, endpoint, interval: INTERVAL_S, env });
  await finished.promise;
  return looks.points;
}

async function aggregatorUnder(bench: Bench, readings: number): Promise<GrowthPoint[]> {
  const endpoint = `ipc://${join(bench.folder, "readings.sock")}`;
  const output = join(bench.folder, "rows.sock");
  const looks = lookAt(readings);
  const sink = await listenForRows(bench, output);
  const aggregator = await startAggregator(bench, endpoint, ["--output", `unix://${output}`]);
  const sender = await startSender(bench, { endpoint, agents: 8, readings, columns: 61, inFlight: IN_FLIGHT });
  sender.begin();
  while (!looks.isFinished) {
    looks.advanceTo(sink.rows, aggregator.pid);
    await sleep(10);
  }
  return looks.points;
}

/** Looks at a process's memory after a tenth of the work and then at even steps. */
function lookAt(total: number) {
  const points: GrowthPoint[] = [];
  let done = 0;
  return {
    points,
    get isFinished() {
      return done >= total;
    },
    advanceTo(count: number, pid: number) {
      done = count;
      const due = total / 10 + (points.length * total * 0.9) / (LOOKS - 1);
      if (done >= due || done >= total) points.push({ done, bytes: memoryOf(pid).privateDirty });
    },
  };
}
