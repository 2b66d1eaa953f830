// A process that writes a history is killed at random moments. Whatever it had flushed is there when the next one opens the
// file, and what follows from the readings is what an undisturbed history computes.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { systemClock, virtualClock } from "../../../common/runtime/clock.ts";
import type { Log } from "../../../common/runtime/log.ts";
import { memoryBackedStore } from "../../../viewer/history/backed-store.ts";
import { createHistory, type StoredHistory } from "../../../viewer/history/history.ts";
import { openHistory } from "../../../viewer/history/open-history.ts";
import { NEEDS_SQLITE } from "../../support/sqlite.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { courseReadings, MINUTE_MS } from "./course.ts";

const KILLS = Number(process.env.HISTORY_KILLS ?? 30);
const DAY_MS = 86_400_000;
const BEGIN = Date.UTC(2026, 10, 20);
const WRITER = join(import.meta.dirname, "writer.ts");

/** Runs a writer and kills it a moment after it has begun. Returns the minutes that it had flushed. */
async function killedWriter(directory: string, begin: number, afterMs: number): Promise<number[]> {
  const writer = spawn(process.execPath, ["--import", "tsx", WRITER, directory, String(begin)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const flushed: number[] = [];
  let killing: Promise<void> | undefined;
  const closed = once(writer, "close");
  for await (const line of createInterface(writer.stdout)) {
    killing ??= systemClock.sleep(afterMs).then(() => void writer.kill("SIGKILL"));
    const [, minute] = /^flushed (\d+)$/.exec(line) ?? [];
    if (minute) flushed.push(Number(minute));
  }
  await Promise.all([killing, closed]);
  return flushed;
}

test("everything that was flushed is there after each kill", NEEDS_SQLITE, async (t) => {
  const directory = await temporaryFolder(t);
  const lines: string[] = [];
  const log: Log = { error: (line) => lines.push(line), warn: (line) => lines.push(line), info() {}, debug() {} };
  const clock = virtualClock(BEGIN + DAY_MS);
  const open = () => openHistory({ directory, megabytes: 1_000 }, { clock, log });
  const timesOf = (history: StoredHistory, from: number) =>
    history.meters().flatMap((meter) => Array.from(history.readings(meter, from, Infinity), ({ takenAt }) => takenAt));

  const undisturbed = createHistory(memoryBackedStore(), { clock, log });
  let begin = BEGIN;
  let flushedMinutes = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const flushed = await killedWriter(directory, begin, 5 + ((kill * 7_919) % 300));
    const history = await open();
    const found = new Set(timesOf(history, begin));
    for (const { takenAt } of flushed.flatMap(courseReadings)) assert.ok(found.has(takenAt), `${takenAt} is missing`);
    // The minute that was being written is there as a whole or not at all.
    assert.equal(found.size % 12, 0);
    const minutes = new Set([...found].map((at) => at - (at % MINUTE_MS)));
    assert.ok(minutes.size <= flushed.length + 1);
    for (const minute of minutes) undisturbed.add(courseReadings(minute));
    history.close();
    flushedMinutes += flushed.length;
    begin = Math.max(begin, ...minutes) + 20 * MINUTE_MS;
  }
  const history = await open();
  const days = Math.ceil((begin - BEGIN) / DAY_MS) + 1;
  for (const meter of ["house", "solar"]) {
    assert.deepEqual(history.lifetime(meter), undisturbed.lifetime(meter));
    assert.deepEqual(history.energy(meter, days), undisturbed.energy(meter, days));
    const request = { meter, quantities: ["volts", "watts"] as const, from: BEGIN, to: begin, points: 500 };
    assert.deepEqual(history.series(request), undisturbed.series(request));
  }
  history.close();
  assert.deepEqual(lines, []);
  t.diagnostic(`${KILLS} kills, ${flushedMinutes * 12} readings flushed, none is missing`);
});
