import type { Sample } from "../../common/model/reading.ts";
import type { TimeLeft } from "../model/views.ts";
import { type Direction, FLOW_AMPS } from "./direction.ts";

const MINUTES_PER_HOUR = 60;
/** A longer time would be a guess, minutes: 7 days. */
const LONGEST = 7 * 24 * MINUTES_PER_HOUR;

export interface Flow {
  readonly direction: Direction | undefined;
  /** Smoothed, A; undefined while it is not steady. */
  readonly amps: number | undefined;
}

/**
 * The time until the battery is empty or full. The device's own figure comes first. Undefined where the time would be a
 * guess: at rest, while the direction varies, with an unknown charge, or beyond 7 days.
 */
export function timeLeft(sample: Sample, { direction, amps }: Flow): TimeLeft | undefined {
  if (direction === undefined || direction === "idle") return undefined;
  const until = direction === "charging" ? "full" : "empty";
  // A device's figure is that of its present load; while charging it means nothing.
  if (sample.runtime !== undefined && until === "empty")
    return bounded({ until, minutes: sample.runtime, source: "device" });
  if (amps === undefined || Math.abs(amps) < FLOW_AMPS || amps > 0 !== (until === "full")) return undefined;
  const amount = until === "full" ? chargeMissing(sample) : chargeLeft(sample);
  if (amount === undefined) return undefined;
  return bounded({ until, minutes: Math.round((MINUTES_PER_HOUR * amount) / Math.abs(amps)), source: "estimate" });
}

function bounded(left: TimeLeft): TimeLeft | undefined {
  return left.minutes > 0 && left.minutes <= LONGEST ? left : undefined;
}

/** Ah. */
function chargeLeft({ remain, percent, full, capacity }: Sample): number | undefined {
  if (remain !== undefined) return remain;
  const whole = full ?? capacity;
  return whole !== undefined && percent !== undefined ? (whole * percent) / 100 : undefined;
}

/** Ah. */
function chargeMissing(sample: Sample): number | undefined {
  const whole = sample.full ?? sample.capacity;
  const left = chargeLeft(sample);
  return whole !== undefined && left !== undefined ? whole - left : undefined;
}
