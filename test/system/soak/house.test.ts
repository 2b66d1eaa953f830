// A house of eight batteries at 50 times its rate, in real time, with real processes and a real Telegraf that is away now
// and then. Measures whether memory, descriptors or files grow.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { AgentStatus } from "../../../common/model/status.ts";
import type { Program } from "../../../simulator/program.ts";
import { usualDevices } from "../../../simulator/registry.ts";
import { createSystem } from "../../integration/system.ts";
import { type Growth, growthOf, type Measurement } from "../../support/proof/growth.ts";
import { until } from "../../support/until.ts";
import { snippet } from "../telegraf/snippet.ts";
import { AGENT, pointsIn, startTelegraf, workFolder } from "../telegraf/telegraf.ts";
import { filesIn, processFigures, reportedHeap } from "./process-figures.ts";

const SECONDS = Number(process.env.SOAK_HOUSE_SECONDS ?? "3600");
/** A fiftieth of the default interval. */
const POLL_S = 10 / 50;
const JBD = 5;
const THORNWAVE = 3;
/** Time from one outage of Telegraf to the next, length of each, and time until everything is settled after it, s. */
const CYCLE_S = 480;
const OUTAGE_S = 30;
const SETTLED_S = 90;
/** Time in which the processes reach the size at which they stay: compiled code, grown buffers. */
const WARM_UP_S = Math.min(900, SECONDS / 4);
const MEASURE_EVERY_S = 10;
const GRACE_MS = 240_000;

/** As the units start the programs. Without a compiler the heap holds no code that comes and goes. */
const UNIT_FLAGS = "--jitless --max-semi-space-size=1";
const HEAP_REPORT = join(import.meta.dirname, "heap-report.mjs");
/** The quantities that are measured, and the share by which each may grow without being a leak: V8 returns memory late. */
const TOLERANCE = { "live heap": 0.01, "anonymous memory": 0.05, descriptors: 0 } as const;
/** Files of a spool open and close with the outages, so the mean of a process that leaks none varies by less than one. */
const LEAKED_DESCRIPTORS = 1;

test("a house at 50 times its rate does not grow", {
  skip: SECONDS === 0 && "needs --house SECONDS",
  timeout: SECONDS * 1000 + GRACE_MS,
}, async (t) => {
  const house = await startHouse(t);
  const startedAt = performance.now();
  const elapsedS = () => (performance.now() - startedAt) / 1000;
  const measured = new Map<string, Measurement[]>();
  let outageAtS = CYCLE_S - OUTAGE_S;
  let calmFromS = WARM_UP_S;
  let outages = 0;
  while (elapsedS() < SECONDS) {
    if (elapsedS() >= outageAtS) {
      await house.telegraf.stop();
      await sleep(OUTAGE_S * 1000);
      await house.telegraf.start();
      outages += 1;
      outageAtS += CYCLE_S;
      calmFromS = Math.max(calmFromS, elapsedS() + SETTLED_S);
    }
    await sleep(MEASURE_EVERY_S * 1000);
    if (elapsedS() >= calmFromS) house.measure(elapsedS(), measured);
  }
  const { taken, delivered, left } = await house.close();
  const readings = [...taken.values()].reduce((sum, count) => sum + count, 0);
  t.diagnostic(`${SECONDS} s with ${outages} outages of Telegraf: ${readings} readings, ${left.length} files left`);
  const growing = [...measured].filter(([name, series]) => {
    const growth = growthOf(series, toleranceOf(name));
    t.diagnostic(describe(name, growth));
    return growth.isGrowing && !(name.endsWith("descriptors") && growth.total < LEAKED_DESCRIPTORS);
  });
  assert.deepEqual(left, [], "spool files that are left");
  for (const [meter, count] of taken) {
    const missing = Array.from({ length: count }, (_, i) => i + 1).filter((poll) => !delivered.get(meter)?.has(poll));
    assert.deepEqual(missing, [], `polls of ${meter} that are not stored`);
  }
  assert.deepEqual(
    growing.map(([name]) => name),
    [],
    "what has grown",
  );
});

/** Starts everything and waits until every meter delivers. */
async function startHouse(t: TestContext) {
  const folder = workFolder();
  const reports = join(folder, "heaps");
  mkdirSync(reports);
  const system = createSystem(t, {
    env: { NODE_OPTIONS: `${UNIT_FLAGS} --expose-gc --import ${HEAP_REPORT}`, HEAP_REPORTS: reports },
  });
  const socket = join(folder, "bms.sock");
  const stored = join(folder, "stored");
  const configuration = `${AGENT}${snippet("battery.conf", {
    replace: { "unix:///run/telegraf/bms.sock": `unix://${socket}` },
  })}
[[outputs.file]]
  files = ["${stored}"]
  data_format = "influx"
  fieldinclude = ["polls"]
`;
  let telegraf = await startTelegraf(t, folder, configuration);
  const simulator = await system.startSimulator("--jbd", `${JBD}`, "--thornwave", `${THORNWAVE}`, "--latency", "10");
  const aggregator = await system.startAggregator("--output", `unix://${socket}`);
  const agents = usualDevices({ jbd: JBD, thornwave: THORNWAVE }).map(({ address }, i) => {
    const meter = `m${i + 1}`;
    const spool = join(folder, meter);
    return { meter, address, spool, program: system.startAgent(meter, address, "-i", `${POLL_S}`, "--spool", spool) };
  });
  const programs = new Map([["simulator", simulator], ["aggregator", aggregator], ...agents.map(named)]);
  const files = () => agents.flatMap(({ spool }) => filesIn(spool));
  const storedPolls = () => {
    const polls = new Map(agents.map(({ meter }) => [meter, new Set<number>()]));
    for (const { tags, fields } of pointsIn(stored)) {
      polls.get(tags.meter ?? "")?.add(Number(fields.polls?.split(" ").at(-1)));
    }
    return polls;
  };
  await until("every meter is stored", () => [...storedPolls().values()].every(({ size }) => size > 0), 60_000);

  return {
    telegraf: {
      stop: () => telegraf.stop("SIGTERM"),
      async start() {
        telegraf = await startTelegraf(t, folder, configuration);
      },
    },
    /** Measures every process. */
    measure(at: number, into: Map<string, Measurement[]>) {
      for (const [name, { pid }] of programs) {
        const { anonymousBytes, descriptors } = processFigures(pid);
        const heap = reportedHeap(reports, pid);
        const figures = { "live heap": heap, "anonymous memory": anonymousBytes, descriptors };
        for (const [kind, value] of Object.entries(figures)) {
          const key = `${name}, ${kind}`;
          if (value !== undefined) into.set(key, [...(into.get(key) ?? []), { at, value }]);
        }
      }
    },
    /** Stops every agent, lets a last run of each deliver what was not settled, and compares what is stored. */
    async close() {
      await Promise.all(agents.map((agent) => agent.program.stop("SIGTERM")));
      const taken = new Map(agents.map(({ meter }) => [meter, polled(system.agentStatus(meter))]));
      const last = agents.map(({ meter, address, spool }) =>
        system.startAgent(meter, address, "-i", `${SECONDS * 10}`, "--spool", spool),
      );
      await until("every spool is empty", () => files().length === 0, 120_000);
      await sleep(SETTLED_S * 1000);
      await Promise.all(last.map((agent) => agent.stop("SIGTERM")));
      const left = files();
      await aggregator.stop("SIGTERM");
      await telegraf.stop("SIGTERM");
      return { taken, delivered: storedPolls(), left };
    },
  };
}

const named = ({ meter, program }: { readonly meter: string; readonly program: Program }) => [meter, program] as const;

/** Polls of a run, answered or not. */
const polled = (status: AgentStatus | undefined) => (status?.readings ?? 0) + (status?.failures ?? 0);

const toleranceOf = (name: string) => Object.entries(TOLERANCE).find(([kind]) => name.endsWith(kind))?.[1] ?? 0;

const inUnit = (name: string, value: number) =>
  name.endsWith("descriptors") ? value.toFixed(1) : `${(value / 1e6).toFixed(2)} MB`;

function describe(name: string, { mean, total, uncertainty }: Growth): string {
  return `${name}: mean ${inUnit(name, mean)}, growth ${inUnit(name, total)} ± ${inUnit(name, uncertainty)}`;
}
