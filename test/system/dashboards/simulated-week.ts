import { formatQuantity, type Quantity } from "../../../common/model/quantities.ts";
import type { Reading, Sample } from "../../../common/model/reading.ts";
import type { Clock } from "../../../common/runtime/clock.ts";
import type { Rhythm } from "../../../simulator/pack.ts";
import { seededRandom } from "../../../simulator/random.ts";
import { type Outage, runWeek, type WeekMeter } from "../../support/week/chain.ts";
import { DAILY, jbdMeter, thornwaveMeter } from "../../support/week/house.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** In hours of the week: a battery that does not answer, agents that are away, late readings, a meter that joins late. */
const OUTAGES: readonly Outage[] = [
  { part: "agents", meter: "shunt", from: 0, to: 60 },
  { part: "agents", meter: "house", from: 10, to: 12.5 },
  { part: "device", meter: "house", from: 30, to: 31 },
  { part: "aggregator", from: 50, to: 58 },
  { part: "agents", from: 100, to: 104 },
  { part: "device", meter: "solar", from: 167, to: 168 },
];

/** When the over-voltage protection of a pack holds, in hours of the week. */
export const PROTECTED = { meter: "van", name: "ovp", from: 80, to: 82 } as const;

export interface SimulatedWeek {
  /** Midnight in UTC, a week before the last one. */
  readonly startMs: number;
  readonly endMs: number;
  /** By time, each once. */
  readonly readings: readonly Reading[];
  readonly meters: readonly WeekMeter[];
}

/** A week of a house that ended at the last midnight, in virtual time. `van`: the rhythm of its pack, if not an hour. */
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
      const isOn = ms >= PROTECTED.from * HOUR_MS && ms < PROTECTED.to * HOUR_MS;
      meters.find(({ name }) => name === PROTECTED.meter)?.battery.setProtection(PROTECTED.name, isOn);
    },
  );
  return { startMs, endMs, meters, readings: counted(readings, startMs) };
}

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
        torn: Math.floor(polls / 997),
        reconnects: Math.floor((polls + failures) / 400),
        rssi: -58 - (polls % 13) - (reading.meter === "shunt" ? 18 : 0),
        latency: 180 + ((polls * 37) % 90),
      };
      return { ...reading, sample: asPrinted({ ...reading.sample, ...agent }) };
    });
}

/** Values with the decimals of the CSV. */
function asPrinted(sample: Sample): Sample {
  return Object.fromEntries(
    Object.entries(sample).map(([name, value]) => [name, Number(formatQuantity(name as Quantity, value))]),
  );
}
