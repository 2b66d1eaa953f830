import {
  decodeThornwaveV1,
  decodeThornwaveV2,
  type ThornwaveV1,
  type ThornwaveV2,
} from "../../agent/drivers/thornwave/value.ts";
import type { Flow } from "../battery.ts";
import { between, clamped, seededRandom } from "../random.ts";

/** Captured values (mkjanke/ThornwavePy, both of 2022-07-18): a monitor at a solar array and one at an inverter. */
const CAPTURED_V1 = decodeThornwaveV1(
  Buffer.from(
    "e0ff0fc847044e41b709dd3c97ca4e3f7a6a26417c010e426c7b0f00000000006d2e010000000000ff89060014c1e41559570b42",
    "hex",
  ),
);
const CAPTURED_V2 = decodeThornwaveV2(
  Buffer.from(
    "0008300223244cd56201010113d6704d41c4b661415f3e693ec02d3b40b23701010101010436a4020101010109d2f10642025ffeff00",
    "hex",
  ),
);

const HOUR_MS = 3_600_000;
const MWH_PER_KWH = 1_000_000;
const MAH_PER_AH = 1_000;
/** Capacity from which the remaining minutes are computed. */
const BATTERY_AH = 100;

/** Values after a time in ms of a monitor at a source: never below its captured current. Repeatable by seed and time. */
export function simulateThornwaveV1(seed: string): (ms: number) => ThornwaveV1 {
  const load = createLoad(seed, CAPTURED_V1);
  return (ms) => {
    const { level, amountAh, shared } = load(ms, +1);
    const { amps, kwh, ah } = CAPTURED_V1;
    return {
      ...CAPTURED_V1,
      ...shared,
      ...meters(kwh, ah, amountAh + (amps * ms) / HOUR_MS, CAPTURED_V1.volts),
      uptime: CAPTURED_V1.uptime + Math.floor(ms / 1000),
      peak: Math.max(CAPTURED_V1.peak, amps + level),
    };
  };
}

/** Values after a time in ms of a monitor at a load: the current falls below 0, and the meters count the discharge. */
export function simulateThornwaveV2(seed: string): (ms: number) => ThornwaveV2 {
  const load = createLoad(seed, CAPTURED_V2);
  return (ms) => {
    const { amountAh, shared } = load(ms, -1);
    const { kwh, ah, clock } = CAPTURED_V2;
    const { amps, percent } = shared;
    const { runtime: _, ...captured } = CAPTURED_V2;
    return {
      ...captured,
      ...shared,
      ...meters(kwh, ah, amountAh, CAPTURED_V2.volts),
      clock: clock + Math.floor(ms / 1000),
      ...(amps < 0 && { runtime: clamped(Math.round((-60 * BATTERY_AH * percent) / 100 / amps), 0, 0xfff0) }),
    };
  };
}

/** Voltage and current after a time in ms, before they become 32-bit floats. */
export function thornwaveFlow(format: "v1" | "v2", seed: string): (ms: number) => Flow {
  const load = createLoad(seed, format === "v1" ? CAPTURED_V1 : CAPTURED_V2);
  return (ms) => load(ms, format === "v1" ? +1 : -1).flow;
}

interface Captured {
  readonly volts: number;
  readonly volts2?: number;
  readonly amps: number;
  readonly temp?: number;
  readonly percent?: number;
}

function createLoad(seed: string, captured: Captured) {
  const random = seededRandom("thornwave", seed);
  const swing = between(random, 5, 25);
  const periodMs = between(random, 120_000, 600_000);
  return (ms: number, direction: 1 | -1) => {
    const phase = (2 * Math.PI * ms) / periodMs;
    // An inverted cosine from 0 to the swing and back, so that its integral only rises.
    const level = (swing / 2) * (1 - Math.cos(phase));
    const amountAh = ((swing / 2) * (ms - (periodMs / (2 * Math.PI)) * Math.sin(phase))) / HOUR_MS;
    const volts = captured.volts + 0.01 * direction * level;
    const amps = captured.amps + direction * level;
    const single = { volts: Math.fround(volts), amps: Math.fround(amps) };
    return {
      level,
      amountAh,
      flow: { volts, amps },
      shared: {
        ...single,
        watts: single.volts * single.amps,
        ...(captured.volts2 !== undefined && { volts2: captured.volts2 + 0.02 * Math.sin(phase / 3) }),
        temp: (captured.temp ?? 0) + 2 * Math.sin(phase / 5),
        percent: clamped(Math.round((captured.percent ?? 50) + 8 * direction * Math.sin(phase / 7)), 0, 100),
      },
    };
  };
}

/** The meters count whole milliwatt-hours and milliampere-hours. */
function meters(kwh: number, ah: number, addedAh: number, volts: number) {
  return {
    kwh: (Math.round(kwh * MWH_PER_KWH) + Math.floor(addedAh * volts * 1000)) / MWH_PER_KWH,
    ah: (Math.round(ah * MAH_PER_AH) + Math.floor(addedAh * MAH_PER_AH)) / MAH_PER_AH,
  };
}
