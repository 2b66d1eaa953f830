import type { Reading } from "../../../common/model/reading.ts";
import type { Battery } from "../../../simulator/battery.ts";

const HOUR_MS = 3_600_000;

/** A meter of the simulated house. */
export interface WeekMeter {
  readonly name: string;
  readonly battery: Battery;
  readonly driver: string;
  readonly periodMs: number;
  /** One answer of the battery at the present moment of its clock. */
  poll(): Reading["sample"];
}

/** A part of the chain is away, from one hour of the week to another. */
export interface Outage {
  readonly part: "agents" | "device" | "aggregator" | "viewer";
  /** Absent: of all meters. */
  readonly meter?: string;
  readonly from: number;
  readonly to: number;
}

export interface WeekPlan {
  readonly startMs: number;
  readonly lengthMs: number;
  readonly meters: readonly WeekMeter[];
  readonly outages: readonly Outage[];
  /** From 0 up to but not including 1. */
  readonly random: () => number;
}

/** The end of the chain. */
export interface Viewer {
  /** Readings in the order in which the aggregator publishes them. */
  add(readings: readonly Reading[]): void;
  /** Called once a minute. */
  minute(): void;
  start(): Promise<void>;
  stop(): void;
}

const TICK_MS = 10_000;
const RUN = "00112233445566ff";
/** One answer in this many fails, and the agent has nothing to report. */
const MISSED = 0.02;
/** Readings are published a second time now and then, as after a restart of the aggregator. */
const REPEATED = 0.001;

/** Runs the house for a week in virtual time, from a start of the viewer to its stop. `setTime`: ms since the start. */
export async function runWeek(plan: WeekPlan, viewer: Viewer, setTime: (ms: number) => void): Promise<void> {
  const { startMs, lengthMs, meters, outages, random } = plan;
  const isAway = (part: Outage["part"], ms: number, meter?: string) =>
    outages.some(
      (each) =>
        each.part === part && (each.meter ?? meter) === meter && ms >= each.from * HOUR_MS && ms < each.to * HOUR_MS,
    );
  const backlogs = meters.map((): Reading[] => []);
  const latest: Reading[] = [];
  let isRunning = false;
  let seq = 0;

  function publish(readings: readonly Reading[]) {
    if (readings.length === 0 || !isRunning) return;
    viewer.add(readings);
    latest.push(...readings);
    latest.splice(0, latest.length - 500);
    if (random() < REPEATED) viewer.add(latest);
  }
  function poll({ name, battery, driver, poll: ask }: WeekMeter, ms: number, takenAtMs: number): Reading {
    setTime(takenAtMs);
    const sample = isAway("device", ms, name) ? { online: 0 } : { ...ask(), online: 1 };
    seq += 1;
    return { meter: name, device: battery.address, driver, takenAt: startMs + takenAtMs, run: RUN, seq, sample };
  }
  for (let ms = 0; ms < lengthMs; ms += TICK_MS) {
    for (const [i, meter] of meters.entries()) {
      if (ms % meter.periodMs !== 0 || isAway("agents", ms, meter.name) || random() < MISSED) continue;
      backlogs[i]?.push(poll(meter, ms, ms + i * 1000));
    }
    setTime(ms + 9_000);
    if (isAway("viewer", ms) === isRunning) {
      isRunning = !isRunning;
      if (isRunning) await viewer.start();
      else viewer.stop();
    }
    if (!isAway("aggregator", ms)) for (const backlog of backlogs) publish(backlog.splice(0));
    if (isRunning && ms % 60_000 === 0) viewer.minute();
  }
}
