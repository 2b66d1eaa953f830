// A year of four meters in the history's file: its size, the time until a chart is there, bytes written a day (SD cards wear
// out), processor time. `HISTORY_DAYS=365` fills the whole year; the quick variant fills two months.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Quantity } from "../../common/model/quantities.ts";
import type { Reading } from "../../common/model/reading.ts";
import { virtualClock } from "../../common/runtime/clock.ts";
import { silentLog } from "../../common/runtime/log.ts";
import { fileBackedStore } from "../../viewer/history/backed-store.ts";
import { decodeBlock, encodeBlock } from "../../viewer/history/columns.ts";
import { createHistory } from "../../viewer/history/history.ts";
import { openHistoryFile } from "../../viewer/history/history-file.ts";
import { dayOf, daySlot } from "../../viewer/history/local-day.ts";
import { type Change, SLOT_MS, TIERS } from "../../viewer/history/store.ts";
import { NEEDS_SQLITE, openDatabase } from "../support/sqlite.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const DAYS = Number(process.env.HISTORY_DAYS ?? 60);
const METERS = ["house", "solar", "garage", "boat"];
const PERIOD_MS = 10_000;
const [MINUTE_MS, HOUR_MS, DAY_MS] = [SLOT_MS.readings, SLOT_MS.minutes, SLOT_MS.hours];
const BEGIN = Date.UTC(2026, 10, 20);
const CHART: readonly Quantity[] = ["volts", "amps", "watts", "percent", "cellmin", "cellmax", "temp1"];
const GOAL_MS = 300;

/** A pack of 16 cells whose every value moves with each reading. */
function readingAt(meter: number, at: number): Reading {
  const hour = (at % DAY_MS) / HOUR_MS + meter;
  const noise = (n: number) => Math.abs(Math.sin(at / 7_919 + n * 12.9898) * 43_758.5453) % 1;
  const amps = 20 * Math.sin((hour / 12) * Math.PI) + noise(0);
  const cells = Array.from({ length: 16 }, (_, i) => Math.round(3_300 + amps * 2 + 6 * noise(i + 1)));
  const volts = cells.reduce((sum, cell) => sum + cell, 0) / 1000;
  const [low, high] = [Math.min(...cells), Math.max(...cells)];
  const states = ["ovp", "uvp", "bov", "buv", "cot", "cut", "dot", "dut", "coc", "duc", "sc", "ic", "cnf"];
  return {
    meter: METERS[meter] ?? "",
    device: `A4:C1:37:00:00:0${meter}`,
    driver: "jbd",
    run: "00112233445566ff",
    seq: Math.round((at - BEGIN) / PERIOD_MS) + 1,
    takenAt: at + meter * 137 + Math.round(40 * noise(40)),
    sample: {
      ...{ volts, amps, watts: volts * amps, percent: 60 + 20 * Math.cos(hour), remain: 170 + 50 * Math.cos(hour) },
      ...{ capacity: 280, full: 276.5, cycles: 112, cells: 16, cellmin: low, cellmax: high, delta: high - low },
      ...{ mincell: cells.indexOf(low) + 1, maxcell: cells.indexOf(high) + 1, protect: 0, fet: 3 },
      ...Object.fromEntries(cells.map((cell, i) => [`cell${i + 1}`, cell])),
      ...Object.fromEntries(cells.map((_, i) => [`c${String(i + 1).padStart(2, "0")}`, 0])),
      ...{ temp1: 20 + Math.round(10 * noise(20)) / 10, temp2: 21 + Math.round(10 * noise(21)) / 10 },
      ...Object.fromEntries(states.map((state) => [state, 0])),
      ...{ online: 1, rssi: -60 - Math.round(8 * noise(30)), latency: 180 + Math.round(60 * noise(31)) },
      ...{ polls: Math.round((at - BEGIN) / PERIOD_MS), failures: 3, torn: 0, reconnects: 1, backlog: 0, dropped: 0 },
    },
  };
}

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
  const readings = METERS.length * (DAY_MS / PERIOD_MS);
  let slowestMs = 0;
  for (; now < BEGIN + DAY_MS; now += MINUTE_MS) {
    for (let at = now; at < now + MINUTE_MS; at += PERIOD_MS) {
      history.add(METERS.map((_, meter) => readingAt(meter, at)));
    }
    const begun = performance.now();
    history.flush();
    slowestMs = Math.max(slowestMs, performance.now() - begun);
  }
  const { user, system } = process.cpuUsage(cpu);
  t.diagnostic(`a day of ${readings} readings: ${megabytes(bytesWritten() - written)} written`);
  t.diagnostic(
    `${((user + system) / readings).toFixed(0)} ms of processor time per 1,000 readings, with making them up`,
  );
  t.diagnostic(`slowest write of a minute: ${slowestMs.toFixed(0)} ms`);

  repeatDay(store);
  for (const tier of TIERS) t.diagnostic(`${tier}: ${bytesPerDay(store, tier)} bytes a meter and day`);
  history.close();
  t.diagnostic(`${DAYS} days of ${METERS.length} meters: ${megabytes(statSync(path).size)} in the file`);
  measure(t, path, clock);
});

type Stored = ReturnType<typeof fileBackedStore>;

/** The rows of the last day again for each day before. Readings for a week. */
function repeatDay(store: Stored) {
  const day = Math.floor(BEGIN / DAY_MS);
  const numberOfAt = store.names.numberOf("@at");
  const rowsOf = (tier: "readings" | "minutes" | "hours", meter: string) => {
    const slots = DAY_MS / SLOT_MS[tier];
    return [...store.scan({ tier, meter, from: day * slots, to: (day + 1) * slots })];
  };
  for (let ago = 1; ago < DAYS; ago += 1) {
    const changes: Change[] = [];
    for (const meter of METERS) {
      for (const { slot, bytes } of rowsOf("minutes", meter)) {
        changes.push({ tier: "minutes", meter, slot: slot - ago * 24, bytes: shifted(bytes, numberOfAt, ago) });
      }
      for (const { slot, bytes } of rowsOf("hours", meter)) {
        changes.push({ tier: "hours", meter, slot: slot - ago, bytes: shifted(bytes, numberOfAt, ago) });
      }
      if (ago <= 7) {
        for (const { slot, bytes } of rowsOf("readings", meter)) {
          changes.push({ tier: "readings", meter, slot: slot - ago * 1440, bytes });
        }
      }
      const summary = store.read({ tier: "days", meter, slot: daySlot(dayOf(BEGIN)) }) ?? Buffer.alloc(0);
      changes.push({ tier: "days", meter, slot: daySlot(dayOf(BEGIN - ago * DAY_MS)), bytes: summary });
    }
    store.write(changes);
    assert.ok(store.commit(() => false));
  }
}

/** A block of summaries, days earlier. */
function shifted(bytes: Uint8Array, numberOfAt: number, days: number): Uint8Array {
  const { rows, columns } = decodeBlock(bytes);
  const at = columns.get(numberOfAt)?.map((seconds = 0) => seconds - (days * DAY_MS) / 1000) ?? [];
  return encodeBlock({ rows, columns: new Map([...columns, [numberOfAt, at]]) });
}

function bytesPerDay(store: Stored, tier: Change["tier"]): number {
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
