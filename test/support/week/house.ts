import assert from "node:assert/strict";
import { parseAddress } from "../../../common/model/address.ts";
import type { Clock } from "../../../common/runtime/clock.ts";
import { JBD_WRITE, jbdBattery } from "../../../simulator/jbd/battery.ts";
import { JBD_PRESETS } from "../../../simulator/jbd/presets.ts";
import type { Rhythm } from "../../../simulator/pack.ts";
import { type ThornwaveFormat, thornwaveBattery } from "../../../simulator/thornwave/battery.ts";
import { REQUEST_CELLS, REQUEST_INFO } from "../simulated-central.ts";
import type { Outage, WeekMeter } from "./chain.ts";

const DAY_MS = 86_400_000;

/** Full when it is created, half empty half a day later. */
export const DAILY: Rhythm = { periodMs: DAY_MS, swing: 0.0655 };

/** In hours of the week. */
export const OUTAGES: readonly Outage[] = [
  { part: "viewer", from: 5, to: 5.004 },
  { part: "agents", meter: "house", from: 10, to: 12.5 },
  { part: "viewer", from: 20, to: 20.004 },
  { part: "device", meter: "house", from: 30, to: 31 },
  { part: "device", meter: "van", from: 33, to: 33.2 },
  { part: "aggregator", from: 50, to: 58 },
  { part: "viewer", from: 60, to: 61.5 },
  { part: "agents", meter: "solar", from: 80, to: 80.01 },
  { part: "aggregator", from: 94, to: 97 },
  { part: "agents", from: 100, to: 104 },
  { part: "viewer", from: 130, to: 130.1 },
  { part: "aggregator", from: 140, to: 140.02 },
];

function addressOf(text: string) {
  const address = parseAddress(text);
  assert.ok(address);
  return address;
}

interface MeterPlan {
  readonly name: string;
  readonly periodMs: number;
}

export function jbdMeter(plan: MeterPlan & { readonly cells: number; readonly rhythm?: Rhythm }, clock: Clock) {
  const { name, periodMs, cells, rhythm } = plan;
  const preset = JBD_PRESETS.get(cells);
  assert.ok(preset);
  const identity = { address: addressOf("A4:C1:37:00:00:01"), preset, seed: name, ageMs: 0, latencyMs: 0 };
  const battery = jbdBattery({ ...identity, ...(rhythm && { rhythm }) }, clock);
  const ask = (request: string) =>
    battery.answer({ kind: "write", characteristic: JBD_WRITE, bytes: Buffer.from(request, "hex") })?.sample;
  const poll = () => ({ ...ask(REQUEST_INFO), ...ask(REQUEST_CELLS) });
  return { name, battery, driver: "jbd", periodMs, poll } satisfies WeekMeter;
}

export function thornwaveMeter(
  { name, periodMs, format }: MeterPlan & { readonly format: ThornwaveFormat },
  clock: Clock,
) {
  const identity = { address: addressOf("C4:C9:00:00:00:02"), format, seed: name, ageMs: 0, latencyMs: 0 };
  const battery = thornwaveBattery(identity, clock);
  const characteristic = battery.services[0]?.characteristics[0]?.uuid ?? "";
  const poll = () => battery.answer({ kind: "read", characteristic, bytes: new Uint8Array() })?.sample ?? {};
  return { name, battery, driver: "thornwave", periodMs, poll } satisfies WeekMeter;
}
