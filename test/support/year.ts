import assert from "node:assert/strict";
import type { Reading } from "../../common/model/reading.ts";
import type { BackedStore } from "../../viewer/history/backed-store.ts";
import { decodeBlock, encodeBlock } from "../../viewer/history/columns.ts";
import { dayOf, daySlot } from "../../viewer/history/local-day.ts";
import { type Change, SLOT_MS } from "../../viewer/history/store.ts";

/** Meters of a year of history. */
export const METERS = ["house", "solar", "garage", "boat"];
export const PERIOD_MS = 10_000;
export const [MINUTE_MS, HOUR_MS, DAY_MS] = [SLOT_MS.readings, SLOT_MS.minutes, SLOT_MS.hours];
/** When the counters of the readings began. */
const FIRST = Date.UTC(2026, 0, 1);

/** The readings of all meters from `from` to `to`, one list per minute. */
export function* minutesOf(
  from: number,
  to: number,
): Generator<{ readonly end: number; readonly readings: Reading[] }> {
  for (let minute = from; minute < to; minute += MINUTE_MS) {
    const end = Math.min(minute + MINUTE_MS, to);
    const readings: Reading[] = [];
    for (let at = minute; at < end; at += PERIOD_MS) readings.push(...METERS.map((_, meter) => readingAt(meter, at)));
    yield { end, readings };
  }
}

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
    seq: Math.round((at - FIRST) / PERIOD_MS) + 1,
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
      ...{ polls: Math.round((at - FIRST) / PERIOD_MS), failures: 3, torn: 0, reconnects: 1, backlog: 0, dropped: 0 },
    },
  };
}

/** Stores the rows of the day that begins at `begin` (midnight in UTC) again for each of the `days` before. Readings for a week. */
export function repeatDay(store: BackedStore, begin: number, days: number): void {
  const day = Math.floor(begin / DAY_MS);
  const numberOfAt = store.names.numberOf("@at");
  const rowsOf = (tier: "readings" | "minutes" | "hours", meter: string) => {
    const slots = DAY_MS / SLOT_MS[tier];
    return [...store.scan({ tier, meter, from: day * slots, to: (day + 1) * slots })];
  };
  for (let ago = 1; ago < days; ago += 1) {
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
      const summary = store.read({ tier: "days", meter, slot: daySlot(dayOf(begin)) }) ?? Buffer.alloc(0);
      changes.push({ tier: "days", meter, slot: daySlot(dayOf(begin - ago * DAY_MS)), bytes: summary });
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
