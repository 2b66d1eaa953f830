import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startProcess } from "../../../simulator/program.ts";
import { createSystem, expectedRows, type System } from "../../integration/system.ts";
import { until } from "../../support/until.ts";

const METERS = [
  ["house", "A4:C1:37:00:00:01"],
  ["solar", "A4:C1:37:00:00:02"],
  ["shunt", "C0:00:00:00:00:01"],
] as const;
const INTERVAL_S = 0.5;
/** Each phase; WEB_LOAD_SECONDS changes it. */
const SECONDS = Number(process.env.WEB_LOAD_SECONDS ?? 30);
/** A row has the time of its answer by the simulator's clock, to within this. The chaos run has the same bound, on a busy machine. */
const LATE_MS = 500;
const PAGES = 50;
const STALLED = 10;
const SILENT = 1_000;

interface Crowd {
  readonly pages: number;
  readonly opened: number;
  readonly events: number;
  readonly silent: number;
  readonly silentOpened: number;
  readonly refused: number;
}

/** Memory that no other process shares, kB. */
function privateKb(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return [...rollup.matchAll(/^Private_\w+: +(\d+) kB$/gm)].reduce((sum, [, kb]) => sum + Number(kb), 0);
}

/** Time between each answer of a device and the time in its row, ms, rising. */
function lateness({ answers, measured }: System, meter: string, device: string): number[] {
  const ends = answers().filter((each) => each.device === device && !["03", "05"].includes(each.register));
  const rows = measured(meter);
  return rows.map(({ time }, i) => Math.abs(Number(time) - (ends[i]?.at ?? Number.NaN))).sort((a, b) => a - b);
}

test(`${PAGES} open pages, ${STALLED} of them stalled, and ${SILENT} silent connections`, {
  timeout: 600_000,
}, async (t) => {
  // As the unit starts it: the young generation of the heap is 3 MB at most.
  const system = createSystem(t, { env: { NODE_OPTIONS: "--max-semi-space-size=1" } });
  await system.startSimulator("--jbd", "2", "--thornwave", "1", "--latency", "20");
  await system.startAggregator();
  const viewer = await system.startViewer();
  const agents = METERS.map(([meter, device]) => system.startAgent(meter, device, "-i", String(INTERVAL_S)));
  await system.until(() => METERS.every(([meter]) => system.measured(meter).length > 5));
  await sleep(SECONDS * 1_000);
  const alone = privateKb(viewer.program.pid);
  const countAlone = METERS.map(([meter]) => system.measured(meter).length);

  // A connection that waits for the next request is one of those that give way.
  const ask = (path: string) => fetch(`${viewer.url}${path}`, { headers: { connection: "close" } });
  const reports: Crowd[] = [];
  const crowd = startProcess(
    process.execPath,
    [
      "--import",
      "tsx",
      join(import.meta.dirname, "crowd.ts"),
      new URL(viewer.url).port,
      ...[PAGES, STALLED, SILENT].map(String),
    ],
    { onLine: (line) => reports.push(JSON.parse(line) as Crowd) },
  );
  t.after(() => crowd.stop("SIGKILL"));
  await until("the crowd is there", () => (reports.at(-1)?.silentOpened ?? 0) >= SILENT);
  const memory: number[] = [];
  const pageMs: number[] = [];
  for (let second = 0; second < SECONDS; second += 1) {
    await sleep(1_000);
    memory.push(privateKb(viewer.program.pid));
    const began = performance.now();
    await until("the viewer answers", async () => (await ask("/healthz")).ok, 10_000);
    pageMs.push(performance.now() - began);
  }
  const metrics = await until("the viewer answers", async () => (await ask("/metrics")).text(), 10_000);
  await crowd.stop("SIGKILL");
  await Promise.all(agents.map((agent) => agent.stop("SIGTERM")));

  const last = reports.at(-1);
  t.diagnostic(
    `crowd: ${JSON.stringify(last)}; ${/^bms_viewer_connections .*$/m.exec(metrics)}, ${/^bms_viewer_event_streams .*$/m.exec(metrics)}`,
  );
  t.diagnostic(
    `viewer: ${alone} kB private before, ${Math.max(...memory)} kB at most and ${memory.at(-1)} kB at the end with the crowd`,
  );
  t.diagnostic(`/healthz with the crowd: ${Math.round(Math.max(...pageMs))} ms at most`);
  assert.ok((last?.pages ?? 0) >= PAGES - STALLED, "the pages stay open");
  assert.equal(last?.refused, 0);
  assert.ok(Number(/^bms_viewer_connections (\d+)$/m.exec(metrics)?.[1]) <= 129, "connections are bounded");
  assert.ok(Math.max(...memory) - alone < 40_000, "memory is bounded");
  for (const [i, [meter, device]] of METERS.entries()) {
    await system.until(() => system.measured(meter).length >= expectedRows(system.answers(), device).length);
    const late = lateness(system, meter, device);
    const rows = system.measured(meter).length;
    const rate = (rows - (countAlone[i] ?? 0)) / (countAlone[i] ?? 1);
    t.diagnostic(
      `${meter}: ${rows} rows, none lost, latest ${late.at(-1)} ms, half within ${late[late.length >> 1]} ms; readings with the crowd per reading before it: ${rate.toFixed(2)}`,
    );
    assert.equal(rows, expectedRows(system.answers(), device).length, "no reading is lost");
    assert.ok((late.at(-1) ?? Number.NaN) <= LATE_MS, "no reading is late");
  }
});
