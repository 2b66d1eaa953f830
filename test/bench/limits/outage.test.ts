// The cost of an outage of one day: bytes written to the disk, and the time until the backlog is delivered.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Entry } from "../../../agent/outbox/entry.ts";
import { openSpool } from "../../../agent/outbox/spool/spool.ts";
import { SYNC_AFTER_MS } from "../../../agent/outbox/spool-policy.ts";
import type { Reading } from "../../../common/model/reading.ts";
import { type Clock, systemClock } from "../../../common/runtime/clock.ts";
import { silentLog } from "../../../common/runtime/log.ts";
import { encodeReading } from "../../../common/wire/messages.ts";
import { startProgram } from "../../../simulator/program.ts";
import { createSystem } from "../../integration/system.ts";

const DEVICE = "A4:C1:37:00:00:01";
/** A day at the default rate of one reading every 10 s. */
const READINGS = 8_640;
const PERIOD_MS = 10_000;
const NOW = Date.now();
/** Speed at which the day passes. */
const SPEED = 10_000;

const fixture = join(import.meta.dirname, "../../fixtures/captures/jbd-idle.expected.jsonl");
const { sample } = JSON.parse(readFileSync(fixture, "utf8").split("\n", 1).join());

test("an outage of one day", async (t) => {
  const system = createSystem(t);
  const folder = join(system.folder, "spool");

  // A day's readings, spooled as in an outage.
  const clock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / SPEED, signal) };
  const spool = await openSpool(
    folder,
    { name: "--spool", syncAfterMs: SYNC_AFTER_MS.away, fileBytes: 256 * 1024 },
    { clock, log: silentLog },
  );
  const writtenBefore = bytesToDisk();
  let appendMs = 0;
  for (let seq = 1; seq <= READINGS; seq += 1) {
    const entry = entryOf(seq);
    const begin = performance.now();
    spool.append([entry]);
    appendMs += performance.now() - begin;
    await clock.sleep(PERIOD_MS);
  }
  const { bytes } = spool;
  await spool.close();
  t.diagnostic(`a reading of ${Object.keys(sample).length} quantities: ${entryOf(1).bytes.length} bytes on the wire`);
  t.diagnostic(
    `an outage of one day: ${bytes} bytes in files, ${bytesToDisk() - writtenBefore} bytes to the disk without its journal`,
  );
  t.diagnostic(`readings appended in ${((appendMs * 1000) / READINGS).toFixed(0)} µs each`);

  // An agent that starts with these readings, and an aggregator.
  await system.startSimulator("--jbd", "1");
  let rows = 0;
  const onLine = (line: string) => {
    if (line.startsWith("bench,")) rows += 1;
    if (rows >= READINGS) delivered();
  };
  const aggregator = startProgram("bms-aggregator", ["--endpoint", system.endpoint], { onLine });
  t.after(() => aggregator.stop("SIGKILL"));
  let delivered = () => {};
  const allDelivered = new Promise<void>((resolve) => {
    delivered = resolve;
  });
  await aggregator.logged(/listening on/);
  const begin = performance.now();
  const agent = system.startAgent("bench", DEVICE, "--spool", folder);
  await agent.logged(/found .* readings of earlier runs/);
  const foundMs = performance.now() - begin;
  await allDelivered;
  const ms = performance.now() - begin - foundMs;
  t.diagnostic(`an agent that starts with them has read them after ${(foundMs / 1000).toFixed(2)} s`);
  t.diagnostic(
    `delivered ${READINGS} in ${(ms / 1000).toFixed(2)} s: ${Math.round((READINGS * 1000) / ms)} readings/s`,
  );
});

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
