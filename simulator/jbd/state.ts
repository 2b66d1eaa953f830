import type { Pack } from "../../agent/drivers/jbd/basic-information.ts";
import { between, clamped, rounded, seededRandom } from "../random.ts";
import type { JbdPreset } from "./presets.ts";

/** What a pack is at one moment, in the steps in which it can say it. */
export interface JbdState {
  readonly pack: Pack;
  /** Millivolts. */
  readonly cells: readonly number[];
  readonly amps: number;
  readonly remain: number;
  readonly capacity: number;
}

/** The pack at a time in ms after the start: the same for the same start, seed and time, and as captured at 0. */
export type JbdSimulation = (ms: number, protect: number) => JbdState;

const HOUR_MS = 3_600_000;
/** What a cell's voltage gives way under load. */
const MILLIVOLTS_PER_AMP = 0.4;
const BALANCE_FROM_MV = 6;
const TENFOLD = 0x80;

/** The bits of the protection word from the lowest, and which MOSFET each switches off (vendor protocol V4). */
export const PROTECTIONS = [
  { word: "ovp", stops: ["charge"] },
  { word: "uvp", stops: ["discharge"] },
  { word: "bov", stops: ["charge"] },
  { word: "buv", stops: ["discharge"] },
  { word: "cot", stops: ["charge"] },
  { word: "cut", stops: ["charge"] },
  { word: "dot", stops: ["discharge"] },
  { word: "dut", stops: ["discharge"] },
  { word: "coc", stops: ["charge"] },
  { word: "duc", stops: ["discharge"] },
  { word: "sc", stops: ["charge", "discharge"] },
  { word: "ic", stops: ["charge", "discharge"] },
  { word: "cnf", stops: ["charge", "discharge"] },
] as const;

export function simulateJbd(start: JbdPreset, seed: string): JbdSimulation {
  const random = seededRandom("jbd", seed);
  const { head, flow, tail } = start.pack;
  const captured = flow ?? { amps: 0, remain: 0, capacity: 1 };
  // A full pack begins by discharging. A cosine starts at the captured current, a sine adds the swing; neither adds up.
  const direction = captured.remain * 2 > captured.capacity ? -1 : 1;
  const swing = direction * captured.capacity * between(random, 0.1, 0.2);
  const periodMs = between(random, 1_200_000, 5_400_000);
  const perStep = ((head.fet | (tail?.flags ?? 0)) & TENFOLD) !== 0 ? 10 : 100;
  const drifts = start.cells.map(() => drift(random, 9));
  const warmth = start.pack.temperatures.map(() => drift(random, 2));
  const sumAtStart = start.cells.reduce((sum, millivolts) => sum + millivolts, 0);

  return (ms, protect) => {
    const turn = (2 * Math.PI * ms) / periodMs;
    const perHour = periodMs / (2 * Math.PI * HOUR_MS);
    const course = captured.amps * Math.cos(turn) + swing * Math.sin(turn);
    const charge = perHour * (captured.amps * Math.sin(turn) + swing * (1 - Math.cos(turn)));
    const mayCharge = !isStopped(protect, "charge");
    const mayDischarge = !isStopped(protect, "discharge");
    const wanted = rounded(course + 0.02 * Math.abs(swing) * ripple(seed, ms), perStep);
    const amps = (wanted > 0 ? mayCharge : mayDischarge) ? wanted : 0;
    const remain = rounded(clamped(captured.remain + charge, 0, captured.capacity), perStep);
    const cells = start.cells.map((millivolts, i) =>
      Math.round(millivolts + (drifts[i]?.(ms) ?? 0) + MILLIVOLTS_PER_AMP * (amps - captured.amps)),
    );
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
          volts: rounded(head.volts + (sum - sumAtStart) / 1000, 100),
          cycles: head.cycles + Math.floor((used * ms) / HOUR_MS),
          percent: clamped(Math.round(head.percent + (100 * (remain - captured.remain)) / captured.capacity), 0, 100),
          balanceLow,
          balanceHigh,
          protect,
          fet: (head.fet & ~0b11) | (mayCharge ? 0b01 : 0) | (mayDischarge ? 0b10 : 0),
        },
        flow: { amps, remain, capacity: captured.capacity },
        temperatures: start.pack.temperatures.map((celsius, i) => rounded(celsius + (warmth[i]?.(ms) ?? 0), 10)),
        ...(tail && { tail: { ...tail, remain, alarm: protect & 0xfff } }),
      },
    };
  };
}

/** A slow way up and down that begins at 0 and never leaves ±2 × most. */
function drift(random: () => number, most: number): (ms: number) => number {
  const reach = between(random, 0.2 * most, most);
  const periodMs = between(random, 120_000, 900_000);
  const phase = between(random, 0, 2 * Math.PI);
  return (ms) => reach * (Math.sin(phase + (2 * Math.PI * ms) / periodMs) - Math.sin(phase));
}

/** Restlessness between -1 and 1 that changes four times a second; none in the first quarter. */
function ripple(seed: string, ms: number): number {
  const quarter = Math.floor(ms / 250);
  return quarter === 0 ? 0 : 2 * seededRandom(seed, quarter)() - 1;
}

function isStopped(protect: number, mosfet: "charge" | "discharge"): boolean {
  return PROTECTIONS.some(
    ({ stops }, bit) => (protect & (1 << bit)) !== 0 && stops.some((stopped) => stopped === mosfet),
  );
}

/** While charging the cells that are ahead of the lowest are drained: words for cells 1 to 16 and 17 to 32. */
function balancing(cells: readonly number[], amps: number): [low: number, high: number] {
  if (amps <= 0) return [0, 0];
  const from = Math.min(...cells) + BALANCE_FROM_MV;
  const word = (first: number) =>
    cells.slice(first, first + 16).reduce((bits, millivolts, i) => (millivolts >= from ? bits | (1 << i) : bits), 0);
  return [word(0), word(16)];
}
