import { between, clamped, seededRandom } from "./random.ts";

/** A pack when the simulation begins. */
export interface PackStart {
  /** mV. */
  readonly cells: readonly number[];
  /** Positive while charging. */
  readonly amps: number;
  /** Ah. */
  readonly remain: number;
  readonly capacity: number;
  /** °C; undefined where a sensor is missing. */
  readonly temperatures: readonly (number | undefined)[];
}

/** Charging and discharging in turn. */
export interface Rhythm {
  readonly periodMs: number;
  /** Largest current, as a part of the capacity per hour. */
  readonly swing: number;
}

/** Moving values of a pack after a time in ms, before any rounding. The same for the same start, seed, rhythm and time. */
export interface PackSimulation {
  /** The current that the load or the source asks for. */
  ampsAt(ms: number): number;
  /** mV, at a current. */
  cellsAt(ms: number, amps: number): number[];
  /** Ah. */
  remainAt(ms: number): number;
  temperaturesAt(ms: number): (number | undefined)[];
  /** Since the beginning. */
  cyclesAt(ms: number): number;
}

const HOUR_MS = 3_600_000;
/** Voltage drop of a cell under load. */
const MILLIVOLTS_PER_AMP = 0.4;
const BALANCE_FROM_MV = 6;

/** Without a rhythm the seed chooses one of 20 to 90 min. */
export function simulatePack(start: PackStart, family: string, seed: string, given?: Rhythm): PackSimulation {
  const random = seededRandom(family, seed);
  const chosen = { swing: between(random, 0.1, 0.2), periodMs: between(random, 1_200_000, 5_400_000) };
  // A full pack starts by discharging. The cosine starts at the first current, the sine adds the swing; both average to 0.
  const direction = start.remain * 2 > start.capacity ? -1 : 1;
  const { periodMs } = given ?? chosen;
  const swing = direction * start.capacity * (given ?? chosen).swing;
  const drifts = start.cells.map(() => drift(random, 9));
  const warmth = start.temperatures.map(() => drift(random, 2));
  const phaseAt = (ms: number) => (2 * Math.PI * ms) / periodMs;
  const used = Math.hypot(start.amps, swing) / Math.PI / start.capacity;
  return {
    ampsAt(ms) {
      const current = start.amps * Math.cos(phaseAt(ms)) + swing * Math.sin(phaseAt(ms));
      return current + 0.02 * Math.abs(swing) * ripple(seed, ms);
    },
    cellsAt: (ms, amps) =>
      start.cells.map(
        (millivolts, i) => millivolts + (drifts[i]?.(ms) ?? 0) + MILLIVOLTS_PER_AMP * (amps - start.amps),
      ),
    remainAt(ms) {
      const perHour = periodMs / (2 * Math.PI * HOUR_MS);
      const charge = perHour * (start.amps * Math.sin(phaseAt(ms)) + swing * (1 - Math.cos(phaseAt(ms))));
      return clamped(start.remain + charge, 0, start.capacity);
    },
    temperaturesAt: (ms) =>
      start.temperatures.map((celsius, i) => (celsius === undefined ? undefined : celsius + (warmth[i]?.(ms) ?? 0))),
    cyclesAt: (ms) => (used * ms) / HOUR_MS,
  };
}

/** True for each cell that is balanced: while charging, those well above the lowest. */
export function balancedCells(cells: readonly number[], amps: number): boolean[] {
  const from = Math.min(...cells) + BALANCE_FROM_MV;
  return cells.map((millivolts) => amps > 0 && millivolts >= from);
}

/** Bit i of the word is `bits[i]`. */
export function wordOf(bits: readonly boolean[]): number {
  return bits.reduce((word, bit, i) => word + (bit ? 2 ** i : 0), 0);
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
