import type { Pack } from "../../agent/drivers/jbd/basic-information.ts";
import type { Flow } from "../battery.ts";
import { between, clamped, rounded, seededRandom } from "../random.ts";
import type { JbdPreset } from "./presets.ts";

/** State of a pack at one moment, rounded to the resolution of its registers. */
export interface JbdState {
  readonly pack: Pack;
  /** Millivolts. */
  readonly cells: readonly number[];
  readonly amps: number;
  readonly remain: number;
  readonly capacity: number;
}

/** The same for the same preset, seed, rhythm and time. */
export interface JbdSimulation {
  /** State after a time in ms; the preset at 0 ms. */
  stateAt(ms: number, stops: Stops): JbdState;
  flowAt(ms: number, stops: Stops): Flow;
}

/** What may keep a pack from charging or discharging. */
export interface Stops {
  /** The active protections: bit i is `PROTECTIONS[i]`. */
  readonly protect: number;
  /** MOSFETs that are switched off: bit 0 charging, bit 1 discharging. */
  readonly switchedOff: number;
}

/** Charging and discharging in turn. */
export interface JbdRhythm {
  readonly periodMs: number;
  /** Largest current, as a part of the capacity per hour. */
  readonly swing: number;
}

const HOUR_MS = 3_600_000;
/** Voltage drop of a cell under load. */
const MILLIVOLTS_PER_AMP = 0.4;
const BALANCE_FROM_MV = 6;
const TENFOLD = 0x80;
/** Bit of the protection word while a MOSFET is switched off (captures of the vendor's app). */
const SWITCHED_OFF = 1 << 12;

/** The bits of the protection word from the lowest, and which MOSFET each switches off (vendor protocols V4, V11). */
export const PROTECTIONS = [
  { name: "ovp", stops: ["charge"] },
  { name: "uvp", stops: ["discharge"] },
  { name: "bov", stops: ["charge"] },
  { name: "buv", stops: ["discharge"] },
  { name: "cot", stops: ["charge"] },
  { name: "cut", stops: ["charge"] },
  { name: "dot", stops: ["discharge"] },
  { name: "dut", stops: ["discharge"] },
  { name: "coc", stops: ["charge"] },
  { name: "duc", stops: ["discharge"] },
  { name: "sc", stops: ["charge", "discharge"] },
  { name: "ic", stops: ["charge", "discharge"] },
  { name: "cnf", stops: ["charge", "discharge"] },
  { name: "cmf", stops: ["charge"] },
  { name: "dmf", stops: ["discharge"] },
] as const;

/** Without a rhythm the seed chooses one of 20 to 90 min. */
export function simulateJbd(preset: JbdPreset, seed: string, given?: JbdRhythm): JbdSimulation {
  const random = seededRandom("jbd", seed);
  const chosen = { swing: between(random, 0.1, 0.2), periodMs: between(random, 1_200_000, 5_400_000) };
  const { head, flow, tail, daren } = preset.pack;
  const captured = flow ?? { amps: 0, remain: 0, capacity: 1 };
  // A full pack starts by discharging. The cosine starts at the captured current, the sine adds the swing; both average to 0.
  const direction = captured.remain * 2 > captured.capacity ? -1 : 1;
  const { periodMs } = given ?? chosen;
  const swing = direction * captured.capacity * (given ?? chosen).swing;
  const perStep = ((head.fet | (tail?.flags ?? 0)) & TENFOLD) !== 0 ? 10 : 100;
  const drifts = preset.cells.map(() => drift(random, 9));
  const warmth = preset.pack.temperatures.map(() => drift(random, 2));
  const sumAtStart = preset.cells.reduce((sum, millivolts) => sum + millivolts, 0);

  /** The current that the load or the source asks for. */
  function wantedAt(ms: number): number {
    const phase = (2 * Math.PI * ms) / periodMs;
    const current = captured.amps * Math.cos(phase) + swing * Math.sin(phase);
    return current + 0.02 * Math.abs(swing) * ripple(seed, ms);
  }
  function cellsAt(ms: number, amps: number): number[] {
    return preset.cells.map(
      (millivolts, i) => millivolts + (drifts[i]?.(ms) ?? 0) + MILLIVOLTS_PER_AMP * (amps - captured.amps),
    );
  }
  const gated = (amps: number, stops: Stops) => (isStopped(stops, amps > 0 ? "charge" : "discharge") ? 0 : amps);
  const voltsOf = (sum: number) => head.volts + (sum - sumAtStart) / 1000;

  function flowAt(ms: number, stops: Stops): Flow {
    const amps = gated(wantedAt(ms), stops);
    return { amps, volts: voltsOf(cellsAt(ms, amps).reduce((sum, millivolts) => sum + millivolts, 0)) };
  }
  function stateAt(ms: number, stops: Stops): JbdState {
    const phase = (2 * Math.PI * ms) / periodMs;
    const perHour = periodMs / (2 * Math.PI * HOUR_MS);
    const charge = perHour * (captured.amps * Math.sin(phase) + swing * (1 - Math.cos(phase)));
    const { protect, switchedOff } = stops;
    const mayCharge = !isStopped(stops, "charge");
    const mayDischarge = !isStopped(stops, "discharge");
    const amps = gated(rounded(wantedAt(ms), perStep), stops);
    const remain = rounded(clamped(captured.remain + charge, 0, captured.capacity), perStep);
    const cells = cellsAt(ms, amps).map(Math.round);
    const sum = cells.reduce((total, millivolts) => total + millivolts, 0);
    const [balanceLow, balanceHigh] = balancing(cells, amps);
    const used = Math.hypot(captured.amps, swing) / Math.PI / captured.capacity;
    return {
      amps,
      remain,
      capacity: captured.capacity,
      cells,
      pack: {
        head: {
          ...head,
          volts: rounded(voltsOf(sum), 100),
          cycles: head.cycles + Math.floor((used * ms) / HOUR_MS),
          percent: clamped(
            Math.round((head.percent ?? 0) + (100 * (remain - captured.remain)) / captured.capacity),
            0,
            100,
          ),
          balanceLow,
          balanceHigh,
          protect: switchedOff === 0 ? protect : protect | SWITCHED_OFF,
          fet: (head.fet & ~0b11) | (mayCharge ? 0b01 : 0) | (mayDischarge ? 0b10 : 0),
        },
        flow: { amps, remain, capacity: captured.capacity },
        temperatures: preset.pack.temperatures.map((celsius, i) =>
          celsius === undefined ? undefined : rounded(celsius + (warmth[i]?.(ms) ?? 0), 10),
        ),
        ...(daren && { daren }),
        ...(tail && { tail: { ...tail, remain, alarm: protect & 0xfff } }),
      },
    };
  }
  return { stateAt, flowAt };
}

/** A slow oscillation that starts at 0 and stays within ±2 × most. */
function drift(random: () => number, most: number): (ms: number) => number {
  const amplitude = between(random, 0.2 * most, most);
  const periodMs = between(random, 120_000, 900_000);
  const phase = between(random, 0, 2 * Math.PI);
  return (ms) => amplitude * (Math.sin(phase + (2 * Math.PI * ms) / periodMs) - Math.sin(phase));
}

/** Noise in [-1, 1) that changes four times a second; 0 in the first quarter of a second. */
function ripple(seed: string, ms: number): number {
  const quarter = Math.floor(ms / 250);
  return quarter === 0 ? 0 : 2 * seededRandom(seed, quarter)() - 1;
}

function isStopped({ protect, switchedOff }: Stops, mosfet: "charge" | "discharge"): boolean {
  if ((switchedOff & (mosfet === "charge" ? 0b01 : 0b10)) !== 0) return true;
  return PROTECTIONS.some(
    ({ stops }, bit) => (protect & (1 << bit)) !== 0 && stops.some((stopped) => stopped === mosfet),
  );
}

/** Balance bits of cells 1 to 16 and 17 to 32: while charging, cells well above the lowest are balanced. */
function balancing(cells: readonly number[], amps: number): [low: number, high: number] {
  if (amps <= 0) return [0, 0];
  const from = Math.min(...cells) + BALANCE_FROM_MV;
  const word = (first: number) =>
    cells.slice(first, first + 16).reduce((bits, millivolts, i) => (millivolts >= from ? bits | (1 << i) : bits), 0);
  return [word(0), word(16)];
}
