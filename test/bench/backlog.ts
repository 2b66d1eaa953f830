// What an outage of a day costs: bytes written to the disk, and the time until the backlog is delivered. Prints figures.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Entry } from "../../agent/outbox/ledger.ts";
import { openSpool } from "../../agent/outbox/spool/spool.ts";
import { SYNC_AFTER_MS } from "../../agent/outbox/spool-policy.ts";
import type { Reading } from "../../common/model/reading.ts";
import { type Clock, systemClock } from "../../common/runtime/clock.ts";
import { silentLog } from "../../common/runtime/log.ts";
import { encodeReading } from "../../common/wire/messages.ts";
import { type Program, startProgram } from "../../simulator/program.ts";

const DEVICE = "A4:C1:37:00:00:01";
/** A day at the usual rate of one reading every 10 s. */
const READINGS = 8_640;
const PERIOD_MS = 10_000;
const NOW = Date.now();
/** How much faster the day passes. */
const HASTE = 10_000;

const folder = mkdtempSync(join(tmpdir(), "bms-bench-"));
const spoolFolder = join(folder, "spool");
const print = (text: string) => process.stdout.write(`${text}\n`);
const fixture = join(import.meta.dirname, "../fixtures/captures/jbd-idle.expected.jsonl");
const { sample } = JSON.parse(readFileSync(fixture, "utf8").split("\n", 1).join());

try {
  await outage();
  await delivery();
} finally {
  rmSync(folder, { recursive: true });
}

/** A day's readings, written as in an outage, by a clock that runs faster. */
async function outage(): Promise<void> {
  const clock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / HASTE, signal) };
  const spool = await openSpool(spoolFolder, { syncAfterMs: SYNC_AFTER_MS.away }, { clock, log: silentLog });
  const before = bytesToDisk();
  let appendMs = 0;
  for (let seq = 1; seq <= READINGS; seq += 1) {
    const entry = entryOf(seq);
    const begin = performance.now();
    spool.append([entry]);
    appendMs += performance.now() - begin;
    await clock.sleep(PERIOD_MS);
  }
  const { bytes } = spool;
  await spool.close([]);
  print(`a reading of ${Object.keys(sample).length} quantities: ${entryOf(1).bytes.length} bytes on the wire`);
  print(`a day's outage: ${bytes} bytes in files, ${bytesToDisk() - before} bytes to the disk without its journal`);
  print(`appended in ${((appendMs * 1000) / READINGS).toFixed(0)} µs each`);
}

/** An agent that finds them, and an aggregator. */
async function delivery(): Promise<void> {
  const endpoint = `ipc://${join(folder, "readings.sock")}`;
  const simulator = startProgram("simulator", ["--socket", join(folder, "simulator.sock"), "--jbd", "1"]);
  await simulator.logged(/listening/);
  let rows = 0;
  const programs: Program[] = [];
  const counted = new Promise<void>((resolve) => {
    const onLine = (line: string) => {
      if (/^bench,/.test(line)) rows += 1;
      if (rows >= READINGS) resolve();
    };
    programs.push(startProgram("bms-aggregator", ["--endpoint", endpoint], { onLine }));
  });
  await programs[0]?.logged(/takes readings/);
  const begin = performance.now();
  const agent = startProgram(
    "bms-agent",
    ["-b", DEVICE, "-m", "bench", "--radio", "simulated", "--endpoint", endpoint, "--spool", spoolFolder],
    { env: { BMS_SIMULATOR: join(folder, "simulator.sock") } },
  );
  await agent.logged(/readings of earlier runs are found/);
  const foundMs = performance.now() - begin;
  await counted;
  const ms = performance.now() - begin - foundMs;
  print(`an agent that starts with them has read them after ${(foundMs / 1000).toFixed(2)} s`);
  print(`delivered ${rows} in ${(ms / 1000).toFixed(2)} s: ${Math.round((rows * 1000) / ms)} readings/s`);
  for (const program of [agent, ...programs, simulator]) await program.stop();
}

function entryOf(seq: number): Entry {
  const reading: Reading = {
    meter: "bench",
    device: DEVICE,
    driver: "jbd",
    takenAt: NOW - (READINGS - seq) * PERIOD_MS,
    run: "00112233445566ff",
    seq,
    sample: { ...sample, online: 1, latency: 120, polls: seq, failures: 0, reconnects: 0, backlog: seq, dropped: 0 },
  };
  return { origin: reading, seq, takenAt: reading.takenAt, bytes: encodeReading(reading) };
}

/** Bytes that this process has made the system write to a disk (proc(5)). */
function bytesToDisk(): number {
  return Number(/^write_bytes: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
}
