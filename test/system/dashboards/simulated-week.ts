import { formatQuantity, type Quantity } from "../../../common/model/quantities.ts";
import type { Reading, Sample } from "../../../common/model/reading.ts";
import { placeOf } from "../../../common/model/site.ts";
import type { Clock } from "../../../common/runtime/clock.ts";
import type { Rhythm } from "../../../simulator/pack.ts";
import { seededRandom } from "../../../simulator/random.ts";
import { type Outage, runWeek, type WeekMeter } from "../../support/week/chain.ts";
import { DAILY, jbdMeter, thornwaveMeter } from "../../support/week/house.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * In hours of the week: a battery that does not answer, agents that are away, late readings, a meter that joins late, and one
 * of another site that is silent to the end.
 */
const OUTAGES: readonly Outage[] = [
  { part: "agents", meter: "shunt", from: 0, to: 60 },
  { part: "agents", meter: "house", from: 10, to: 12.5 },
  { part: "device", meter: "house", from: 30, to: 31 },
  { part: "aggregator", from: 50, to: 58 },
  { part: "agents", from: 100, to: 104 },
  { part: "agents", meter: "boat/house", from: 150, to: 150.4 },
  { part: "agents", meter: "boat/solar", from: 162.005, to: 168 },
  { part: "device", meter: "solar", from: 167, to: 168 },
];

export interface Held {
  readonly meter: string;
  readonly name: "ovp" | "cot";
  readonly from: number;
  readonly to: number;
}

/** When protections of packs hold, in hours of the week. The last one goes on. */
export const PROTECTED: readonly Held[] = [
  { meter: "van", name: "ovp", from: 80, to: 82 },
  { meter: "boat/house", name: "cot", from: 130, to: 131 },
  { meter: "boat/house", name: "cot", from: 140, to: 168 },
];

export interface SimulatedWeek {
  /** Midnight in UTC, a week before the last one. */
  readonly startMs: number;
  readonly endMs: number;
  /** By time, each once. */
  readonly readings: readonly Reading[];
  readonly meters: readonly WeekMeter[];
}

/** A week of a house without a site, and of two sites that use the same names of meters. It ended at the last midnight, in virtual time. `van`: the rhythm of its pack, if not an hour. */
export async function simulateWeek(nowMs: number, van?: Rhythm): Promise<SimulatedWeek> {
  const endMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const startMs = endMs - 7 * DAY_MS;
  let elapsedMs = 0;
  const clock: Clock = {
    now: () => startMs + elapsedMs,
    monotonic: () => elapsedMs,
    uptime: () => elapsedMs,
    sleep: () => Promise.reject(new Error("nothing waits")),
    timer: () => () => {},
  };
  const meters: WeekMeter[] = [
    jbdMeter({ name: "house", periodMs: 30_000, cells: 4, rhythm: DAILY }, clock),
    jbdMeter({ name: "van", periodMs: 60_000, cells: 16, ...(van && { rhythm: van }) }, clock),
    thornwaveMeter({ name: "solar", periodMs: 30_000, format: "v1" }, clock),
    thornwaveMeter({ name: "shunt", periodMs: 30_000, format: "v2" }, clock),
    jbdMeter({ name: "boat/house", periodMs: 60_000, cells: 8, rhythm: DAILY }, clock),
    thornwaveMeter({ name: "boat/solar", periodMs: 60_000, format: "v1" }, clock),
    jbdMeter({ name: "shed/house", periodMs: 60_000, cells: 4, rhythm: DAILY }, clock),
  ];
  const readings: Reading[] = [];
  // No reading falls on the edge of an interval, which one database counts to both sides.
  await runWeek(
    { startMs: startMs + 250, lengthMs: endMs - startMs, meters, outages: OUTAGES, random: seededRandom("dashboards") },
    {
      add: (published) => void readings.push(...published),
      minute() {},
      start: async () => {},
      stop() {},
    },
    (ms) => {
      elapsedMs = ms;
      for (const { name, battery } of meters) {
        for (const held of protectionsOf(name)) battery.setProtection(held, isHeld(name, held, ms));
      }
    },
  );
  return { startMs, endMs, meters, readings: counted(readings, startMs) };
}

/** Names of the protections that hold a pack at some time. */
export const protectionsOf = (meter: string): readonly Held["name"][] => [
  ...new Set(PROTECTED.filter((held) => held.meter === meter).map(({ name }) => name)),
];

export const isHeld = (meter: string, name: Held["name"], ms: number) =>
  PROTECTED.some(
    (held) => held.meter === meter && held.name === name && ms >= held.from * HOUR_MS && ms < held.to * HOUR_MS,
  );

/** Each reading once, by time, with the figures of its agent, whose counters begin anew with each day as after a restart. */
function counted(published: readonly Reading[], startMs: number): Reading[] {
  const readings = [...new Map(published.map((each) => [`${each.meter} ${each.takenAt}`, each])).values()];
  const counters = new Map<string, { polls: number; failures: number; backlog: number }>();
  return readings
    .sort((a, b) => a.takenAt - b.takenAt)
    .map((reading) => {
      const hour = (reading.takenAt - startMs) / HOUR_MS;
      const key = `${reading.meter} ${Math.floor(hour / 24)}`;
      const counter = counters.get(key) ?? { polls: 0, failures: 0, backlog: 0 };
      const isWaiting = OUTAGES.some(({ part, from, to }) => part === "aggregator" && hour >= from && hour < to);
      counter.polls += 1;
      counter.failures += reading.sample.online === 0 ? 1 : 0;
      counter.backlog = isWaiting ? counter.backlog + 1 : 0;
      counters.set(key, counter);
      const { polls, failures, backlog } = counter;
      const agent = {
        ...{ polls, failures, backlog, dropped: 0 },
        torn: Math.floor(polls / 97),
        reconnects: Math.floor((polls + failures) / 400),
        rssi: -58 - (polls % 13) - (reading.meter === "shunt" ? 18 : 0),
        latency: 180 + ((polls * 37) % 90),
      };
      return { ...reading, ...placeOf(reading.meter), sample: asPrinted({ ...reading.sample, ...agent }) };
    });
}

/** Values with the decimals of the CSV. */
function asPrinted(sample: Sample): Sample {
  return Object.fromEntries(
    Object.entries(sample).map(([name, value]) => [name, Number(formatQuantity(name as Quantity, value))]),
  );
}
