import type { Flow } from "./battery.ts";
import { type PackStart, simulatePack } from "./pack.ts";
import { rounded } from "./random.ts";

/** A pack with protections that are raised by command and stop its current. */
export interface ProtectedPack {
  /** @throws {RangeError} where the pack has no protection of that name */
  setProtection(name: string, on: boolean): void;
  /** In the order in which they were raised. */
  raised(): readonly string[];
  stateAt(ms: number): PackState;
  flowAt(ms: number): Flow;
}

/** Values at one moment, in the steps of the board. */
export interface PackState {
  /** mV. */
  readonly cells: readonly number[];
  readonly amps: number;
  readonly remain: number;
  readonly percent: number;
  /** °C; undefined where a sensor is missing. */
  readonly temperatures: readonly (number | undefined)[];
  readonly cycles: number;
  readonly mayCharge: boolean;
  readonly mayDischarge: boolean;
}

/** Steps per unit. */
export interface Steps {
  readonly amps: number;
  readonly remain: number;
  readonly celsius: number;
}

const STOPS_CHARGING = ["ovp", "bov", "coc", "cot", "cut", "cmf", "sc"];
const STOPS_DISCHARGING = ["uvp", "buv", "duc", "dot", "dut", "dmf", "sc"];

export function protectedPack(
  start: PackStart,
  steps: Steps,
  protections: readonly string[],
  family: string,
  seed: string,
): ProtectedPack {
  const pack = simulatePack(start, family, seed);
  let raised: readonly string[] = [];
  const isStopped = (names: readonly string[]) => raised.some((name) => names.includes(name));

  function gated(amps: number): number {
    return isStopped(amps > 0 ? STOPS_CHARGING : STOPS_DISCHARGING) ? 0 : amps;
  }
  return {
    setProtection(name, on) {
      if (!protections.includes(name)) {
        throw new RangeError(`no protection ${name}: choose one of ${protections.join(", ")}`);
      }
      raised = [...raised.filter((other) => other !== name), ...(on ? [name] : [])];
    },
    raised: () => raised,
    stateAt(ms) {
      const amps = gated(rounded(pack.ampsAt(ms), steps.amps));
      const remain = rounded(pack.remainAt(ms), steps.remain);
      return {
        cells: pack.cellsAt(ms, amps).map(Math.round),
        amps,
        remain,
        percent: Math.round((100 * remain) / start.capacity),
        temperatures: pack
          .temperaturesAt(ms)
          .map((celsius) => (celsius === undefined ? undefined : rounded(celsius, steps.celsius))),
        cycles: Math.floor(pack.cyclesAt(ms)),
        mayCharge: !isStopped(STOPS_CHARGING),
        mayDischarge: !isStopped(STOPS_DISCHARGING),
      };
    },
    flowAt(ms) {
      const amps = gated(pack.ampsAt(ms));
      return { amps, volts: pack.cellsAt(ms, amps).reduce((sum, millivolts) => sum + millivolts, 0) / 1000 };
    },
  };
}

/** The values of the cells that a correct reader decodes, computed without the driver's code. */
export function cellValues(cells: readonly number[]): Readonly<Record<string, number>> {
  const [cellmin, cellmax] = [Math.min(...cells), Math.max(...cells)];
  return {
    cells: cells.length,
    ...Object.fromEntries(cells.map((millivolts, i) => [`cell${i + 1}`, millivolts])),
    ...{ cellmin, cellmax, delta: cellmax - cellmin },
    ...{ mincell: cells.indexOf(cellmin) + 1, maxcell: cells.indexOf(cellmax) + 1 },
  };
}

/** Without the values that are absent. */
export function present(values: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
