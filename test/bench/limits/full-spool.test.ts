// A full spool under the flags of the unit: how much memory an agent needs to deliver it, and how the time until it is ready
// grows with readings and with runs.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Entry } from "../../../agent/outbox/entry.ts";
import { spoolFilePath } from "../../../agent/outbox/spool/directory.ts";
import { encodeRecord } from "../../../agent/outbox/spool/record.ts";
import { encodeReading } from "../../../common/wire/messages.ts";
import { startProcess, startProgram } from "../../../simulator/program.ts";
import { createSystem, type System } from "../../integration/system.ts";
import { readUnit } from "../measure/unit.ts";

const UNIT = readUnit("bms-agent@.service");
const MEMORY_MAX_BYTES = 128 * 1024 * 1024;
const AGENT = join(import.meta.dirname, "../../../dist/bms-agent.js");
const DEVICE = "A4:C1:37:00:00:01";
const NOW = Date.now();
const READINGS_PER_FILE = 1_250;

/** The smallest readings, of a device that is away: 92 bytes each. */
function entryOf(seq: number, run: number): Entry {
  const reading = {
    meter: "bench",
    device: DEVICE,
    driver: "unknown",
    takenAt: NOW - 1e9 + seq + run,
    run: run.toString(16).padStart(16, "0"),
    seq,
    sample: { online: 0, polls: seq, failures: 0, reconnects: 0, backlog: seq, dropped: 0 },
  };
  return { origin: reading, seq, takenAt: reading.takenAt, bytes: encodeReading(reading) };
}

/** Writes a spool as runs leave it, each its own files of at most 256 KiB. Returns the number of readings. */
function fillSpool(folder: string, runs: number, readingsPerRun: number): number {
  mkdirSync(folder);
  let number = 0;
  for (let run = 1; run <= runs; run += 1) {
    for (let first = 1; first <= readingsPerRun; first += READINGS_PER_FILE) {
      const count = Math.min(READINGS_PER_FILE, readingsPerRun - first + 1);
      const records = Array.from({ length: count }, (_, i) => encodeRecord(entryOf(first + i, run)));
      number += 1;
      writeFileSync(spoolFilePath(folder, number), Buffer.concat(records));
    }
  }
  return runs * readingsPerRun;
}

interface Delivery {
  readonly foundMs: number;
  readonly deliveredMs: number;
  readonly peakBytes: number;
}

/** Starts an agent beside an aggregator and waits until all readings of its spool are written. */
async function deliver(t: TestContext, system: System, spool: string, readings: number): Promise<Delivery> {
  let rows = 0;
  let delivered = () => {};
  const allDelivered = new Promise<void>((resolve) => {
    delivered = resolve;
  });
  const aggregator = startProgram("bms-aggregator", ["--endpoint", system.endpoint], {
    onLine(line) {
      if (line.startsWith("bench,")) rows += 1;
      if (rows >= readings) delivered();
    },
  });
  t.after(() => aggregator.stop("SIGKILL"));
  await aggregator.logged(/listening on/);
  const begin = performance.now();
  const agent = startProcess(
    process.execPath,
    [
      ...UNIT.flags,
      AGENT,
      ...["-m", "bench", "-b", DEVICE, "--radio", "simulated", "--endpoint", system.endpoint, "--spool", spool],
    ],
    { env: { BMS_SIMULATOR: system.simulatorSocket, ...UNIT.env } },
  );
  t.after(() => agent.stop("SIGKILL"));
  await agent.logged(/found .* readings of earlier runs/);
  const foundMs = performance.now() - begin;
  await allDelivered;
  const deliveredMs = performance.now() - begin;
  const status = readFileSync(`/proc/${agent.process.pid}/status`, "utf8");
  await agent.stop();
  await aggregator.stop();
  return { foundMs, deliveredMs, peakBytes: Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024 };
}

const inWords = (readings: number, { foundMs, deliveredMs, peakBytes }: Delivery) =>
  `${readings} readings: found after ${(foundMs / 1000).toFixed(1)} s, delivered after ${(deliveredMs / 1000).toFixed(1)} s, peak ${(peakBytes / 1e6).toFixed(0)} MB`;

test("a full spool of the smallest readings is delivered within the memory of the unit", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1");
  for (const count of [1_000, 44_500, 178_000]) {
    const spool = join(system.folder, `spool-${count}`);
    const readings = fillSpool(spool, 1, count);
    const delivery = await deliver(t, system, spool, readings);
    t.diagnostic(inWords(readings, delivery));
    assert.ok(delivery.peakBytes < MEMORY_MAX_BYTES);
  }
});

test("the time until an agent is ready grows with the number of runs, not with its square", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1");
  for (const runs of [2_000, 4_000, 8_000]) {
    const spool = join(system.folder, `runs-${runs}`);
    const readings = fillSpool(spool, runs, 1);
    t.diagnostic(`${runs} runs of one reading, ${inWords(readings, await deliver(t, system, spool, readings))}`);
  }
});
