// A year of four meters in the history's file: its size, the time until a chart is there, bytes written a day (SD cards wear
// out), processor time. `HISTORY_DAYS=365` fills the whole year; the quick variant fills two months.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Quantity } from "../../../common/model/quantities.ts";
import { virtualClock } from "../../../common/runtime/clock.ts";
import { silentLog } from "../../../common/runtime/log.ts";
import { type BackedStore, fileBackedStore } from "../../../viewer/history/backed-store.ts";
import { createHistory } from "../../../viewer/history/history.ts";
import { openHistoryFile } from "../../../viewer/history/history-file.ts";
import { type Change, TIERS } from "../../../viewer/history/store.ts";
import { NEEDS_SQLITE, openDatabase } from "../../support/sqlite.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { DAY_MS, METERS, minutesOf, PERIOD_MS, repeatDay } from "../../support/year.ts";

const DAYS = Number(process.env.HISTORY_DAYS ?? 60);
const BEGIN = Date.UTC(2026, 10, 20);
const CHART: readonly Quantity[] = ["volts", "amps", "watts", "percent", "cellmin", "cellmax", "temp1"];
const GOAL_MS = 300;

/** Bytes that this process has passed to write(2) and its kin. */
const bytesWritten = () => Number(/^wchar: (\d+)/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);

test("a year of four meters", NEEDS_SQLITE, async (t) => {
  const path = join(await temporaryFolder(t), "history.db");
  let now = BEGIN;
  const clock = { ...virtualClock(), now: () => now };
  assert.ok(openDatabase);
  const file = openHistoryFile(path, { open: openDatabase, clock, log: silentLog });
  assert.ok(file);
  const store = fileBackedStore(file, 2e9);
  const history = createHistory(store, { clock, log: silentLog });

  const written = bytesWritten();
  const cpu = process.cpuUsage();
  const count = METERS.length * (DAY_MS / PERIOD_MS);
  let slowestMs = 0;
  for (const { end, readings } of minutesOf(BEGIN, BEGIN + DAY_MS)) {
    history.add(readings);
    now = end;
    const begun = performance.now();
    history.flush();
    slowestMs = Math.max(slowestMs, performance.now() - begun);
  }
  const { user, system } = process.cpuUsage(cpu);
  t.diagnostic(`a day of ${count} readings: ${megabytes(bytesWritten() - written)} written`);
  t.diagnostic(`${((user + system) / count).toFixed(0)} ms of processor time per 1,000 readings, with making them up`);
  t.diagnostic(`slowest write of a minute: ${slowestMs.toFixed(0)} ms`);

  repeatDay(store, BEGIN, DAYS);
  for (const tier of TIERS) t.diagnostic(`${tier}: ${bytesPerDay(store, tier)} bytes a meter and day`);
  history.close();
  t.diagnostic(`${DAYS} days of ${METERS.length} meters: ${megabytes(statSync(path).size)} in the file`);
  measure(t, path, clock);
});

function bytesPerDay(store: BackedStore, tier: Change["tier"]): number {
  const range = { from: 0, to: Number.MAX_SAFE_INTEGER };
  const rows = [...store.scan({ tier, meter: "house", ...range })];
  return Math.round(rows.reduce((sum, { bytes }) => sum + bytes.length, 0) / (tier === "readings" ? 8 : DAYS));
}

function measure(t: TestContext, path: string, clock: Parameters<typeof createHistory>[1]["clock"]) {
  assert.ok(openDatabase);
  const timed = <T>(name: string, work: () => T): T => {
    // Processor time: the same on a busy machine.
    const begun = process.cpuUsage();
    const result = work();
    const { user, system } = process.cpuUsage(begun);
    const ms = (user + system) / 1000;
    t.diagnostic(`${name}: ${ms.toFixed(0)} ms`);
    if (name.startsWith("chart")) assert.ok(ms < GOAL_MS, `${name} in ${ms.toFixed(0)} ms`);
    return result;
  };
  const history = timed("open", () => {
    const file = openHistoryFile(path, { open: openDatabase ?? assert.fail(), clock, log: silentLog });
    assert.ok(file);
    return createHistory(fileBackedStore(file, 2e9), { clock, log: silentLog });
  });
  const to = clock.now();
  for (const [name, days] of [
    ["hour", 1 / 24],
    ["day", 1],
    ["week", 7],
    ["year", 365],
  ] as const) {
    const request = { meter: "house", quantities: CHART, from: to - days * DAY_MS, to, points: 600 };
    const { times, resolutionMs } = timed(`chart of the last ${name}`, () => history.series(request));
    t.diagnostic(`  ${times.length} points of ${resolutionMs / 1000} s`);
  }
  timed("energy of 30 days", () => history.energy("house", 30));
  timed("lifetime", () => history.lifetime("house"));
  const rows = timed("export of a day", () => [...history.readings("house", to - DAY_MS, to)]);
  t.diagnostic(`  ${rows.length} readings`);
  history.close();
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
