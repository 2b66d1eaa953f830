import type { Pack } from "../../agent/drivers/jbd/basic-information.ts";
import type { Flow } from "../battery.ts";
import { balancedCells, type Rhythm, simulatePack, wordOf } from "../pack.ts";
import { clamped, rounded } from "../random.ts";
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

/** Reasons that may keep a pack from charging or discharging. */
export interface Stops {
  /** The active protections: bit i is `PROTECTIONS[i]`. */
  readonly protect: number;
  /** MOSFETs that are switched off: bit 0 charging, bit 1 discharging. */
  readonly switchedOff: number;
}

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
export function simulateJbd(preset: JbdPreset, seed: string, rhythm?: Rhythm): JbdSimulation {
  const { head, flow, tail, daren, temperatures } = preset.pack;
  const captured = flow ?? { amps: 0, remain: 0, capacity: 1 };
  const { capacity } = captured;
  const pack = simulatePack({ ...captured, cells: preset.cells, temperatures }, "jbd", seed, rhythm);
  const perStep = ((head.fet | (tail?.flags ?? 0)) & TENFOLD) !== 0 ? 10 : 100;
  const sumAtStart = preset.cells.reduce((sum, millivolts) => sum + millivolts, 0);

  const gated = (amps: number, stops: Stops) => (isStopped(stops, amps > 0 ? "charge" : "discharge") ? 0 : amps);
  const voltsOf = (sum: number) => head.volts + (sum - sumAtStart) / 1000;

  function flowAt(ms: number, stops: Stops): Flow {
    const amps = gated(pack.ampsAt(ms), stops);
    return { amps, volts: voltsOf(pack.cellsAt(ms, amps).reduce((sum, millivolts) => sum + millivolts, 0)) };
  }
  function stateAt(ms: number, stops: Stops): JbdState {
    const { protect, switchedOff } = stops;
    const mayCharge = !isStopped(stops, "charge");
    const mayDischarge = !isStopped(stops, "discharge");
    const amps = gated(rounded(pack.ampsAt(ms), perStep), stops);
    const remain = rounded(pack.remainAt(ms), perStep);
    const cells = pack.cellsAt(ms, amps).map(Math.round);
    const sum = cells.reduce((total, millivolts) => total + millivolts, 0);
    const balanced = balancedCells(cells, amps);
    return {
      amps,
      remain,
      capacity,
      cells,
      pack: {
        head: {
          ...head,
          volts: rounded(voltsOf(sum), 100),
          cycles: head.cycles + Math.floor(pack.cyclesAt(ms)),
          percent: clamped(Math.round((head.percent ?? 0) + (100 * (remain - captured.remain)) / capacity), 0, 100),
          balanceLow: wordOf(balanced.slice(0, 16)),
          balanceHigh: wordOf(balanced.slice(16, 32)),
          protect: switchedOff === 0 ? protect : protect | SWITCHED_OFF,
          fet: (head.fet & ~0b11) | (mayCharge ? 0b01 : 0) | (mayDischarge ? 0b10 : 0),
        },
        flow: { amps, remain, capacity },
        temperatures: pack
          .temperaturesAt(ms)
          .map((celsius) => (celsius === undefined ? undefined : rounded(celsius, 10))),
        ...(daren && { daren }),
        ...(tail && { tail: { ...tail, remain, alarm: protect & 0xfff } }),
      },
    };
  }
  return { stateAt, flowAt };
}

function isStopped({ protect, switchedOff }: Stops, mosfet: "charge" | "discharge"): boolean {
  if ((switchedOff & (mosfet === "charge" ? 0b01 : 0b10)) !== 0) return true;
  return PROTECTIONS.some(
    ({ stops }, bit) => (protect & (1 << bit)) !== 0 && stops.some((stopped) => stopped === mosfet),
  );
}
