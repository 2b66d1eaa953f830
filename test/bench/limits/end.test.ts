// The time an agent with undeliverable readings takes to stop: until the last of them is on disk, and until the process
// has ended, compared with a Node that only exits.
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Program, startProcess } from "../../../simulator/program.ts";
import { createSystem, type System } from "../../integration/system.ts";

const RUNS = 5;
/** Undelivered readings when SIGTERM is sent: too few and too young to be on disk by then. */
const READINGS = 20;
const ON_DISK_WITHIN_MS = 1_000;
const ENDED_WITHIN_MS = 5_000;

test("an agent with undeliverable readings gets SIGTERM", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  const runs: { readonly onDiskMs: number; readonly endedMs: number; readonly bareMs: number }[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    runs.push({ ...(await endAgent(system, join(system.folder, `spool-${run}`))), bareMs: await endBareNode() });
  }
  const worst = (of: (run: (typeof runs)[number]) => number) => Math.max(...runs.map(of));
  const [onDiskMs, endedMs, bareMs] = [worst((r) => r.onDiskMs), worst((r) => r.endedMs), worst((r) => r.bareMs)];
  t.diagnostic(`SIGTERM with ${READINGS} readings that cannot be delivered, worst of ${RUNS}:`);
  t.diagnostic(`on disk after ${onDiskMs.toFixed(0)} ms, at most ${ON_DISK_WITHIN_MS} ms are promised`);
  t.diagnostic(
    `ended after ${endedMs.toFixed(0)} ms, at most ${ENDED_WITHIN_MS} ms are promised; a bare Node: ${bareMs.toFixed(0)} ms, 1/${(endedMs / bareMs).toFixed(0)}`,
  );
  assert.ok(onDiskMs <= ON_DISK_WITHIN_MS && endedMs <= ENDED_WITHIN_MS);
});

async function endAgent(system: System, spool: string): Promise<{ onDiskMs: number; endedMs: number }> {
  const agent = system.startAgent("bench", "A4:C1:37:00:00:01", "-i", "0.05", "--log-level", "debug", "--spool", spool);
  const readings = () => agent.stderr.filter((line) => /connected to|answer after/.test(line)).length;
  await system.until(() => readings() >= READINGS);
  const signalledAt = Date.now();
  const endedMs = await end(agent);
  const written = readdirSync(spool).map((name) => statSync(join(spool, name)).mtimeMs);
  return { onDiskMs: Math.max(...written) - signalledAt, endedMs };
}

async function endBareNode(): Promise<number> {
  const waits = "process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 1e6); console.error('waits')";
  const node = startProcess(process.execPath, ["--eval", waits]);
  await node.logged(/waits/);
  return end(node);
}

/** Milliseconds from SIGTERM to the end of the process. */
async function end(program: Program): Promise<number> {
  const signalledAt = performance.now();
  await program.stop("SIGTERM");
  return performance.now() - signalledAt;
}
