import { ALARM_WORDS, type AlarmWords } from "../../agent/drivers/daly/alarms.ts";
import type { Quantity } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";
import type { Flow } from "../battery.ts";
import { raisedSample } from "../expected-sample.ts";
import { balancedCells, simulatePack, wordOf } from "../pack.ts";
import { createProtections, type Protections } from "../protections.ts";
import { clamped, rounded } from "../random.ts";

/** State of a pack at one moment, rounded to the resolution of its registers. */
export interface DalyState {
  readonly volts: number;
  readonly amps: number;
  readonly percent: number;
  /** mV. */
  readonly cells: readonly number[];
  readonly balanced: readonly boolean[];
  readonly temperatures: readonly number[];
  readonly mostemp: number;
  readonly boardtemp: number;
  readonly remain: number;
  readonly capacity: number;
  readonly cycles: number;
  /** 0 idle, 1 charging, 2 discharging. */
  readonly state: number;
  readonly charge: boolean;
  readonly discharge: boolean;
}

export interface DalySimulation {
  readonly protections: Protections;
  /** The device measures once a second. */
  stateAt(ms: number): DalyState;
  flowAt(ms: number): Flow;
}

const MEASURED_MS = 1_000;
const CAPACITY = 210;
const CYCLES = 60;

/** The protections and alarms that the alarm words have a bit for. */
export const ALARM_NAMES: ReadonlySet<Quantity> = new Set(ALARM_WORDS.flat().filter((name) => name !== null));

/** A pack whose first values are near those of recorded ones. `alarms` that can be raised. */
export function simulateDaly(cells: number, seed: string, alarms: Iterable<string>): DalySimulation {
  const start = {
    cells: Array.from({ length: cells }, (_, i) => 3281 + ((i * 5) % 7)),
    ...{ amps: -2.8, remain: 117.8, capacity: CAPACITY, temperatures: [13, 14, 15, 13, 15, 17] },
  };
  const pack = simulatePack(start, "daly", seed);
  const protections = createProtections(alarms);
  const voltsOf = (millivolts: readonly number[]) => millivolts.reduce((sum, one) => sum + one, 0) / 1000;
  return {
    protections,
    stateAt(exactMs) {
      const ms = Math.floor(exactMs / MEASURED_MS) * MEASURED_MS;
      const amps = rounded(protections.gated(pack.ampsAt(ms)), 10);
      const measured = pack.cellsAt(ms, amps).map(Math.round);
      const remain = rounded(pack.remainAt(ms), 10);
      const warm = pack.temperaturesAt(ms).map((celsius) => Math.round(celsius ?? 0));
      const [boardtemp = 0, mostemp = 0] = [...warm].reverse();
      return {
        ...{ amps, remain, mostemp, boardtemp, cells: measured, capacity: CAPACITY },
        volts: rounded(voltsOf(measured), 10),
        percent: rounded(clamped((100 * remain) / CAPACITY, 0, 100), 10),
        balanced: balancedCells(measured, amps),
        temperatures: warm.slice(0, -2),
        cycles: CYCLES + Math.floor(pack.cyclesAt(ms)),
        state: amps === 0 ? 0 : amps > 0 ? 1 : 2,
        charge: protections.mayCharge(),
        discharge: protections.mayDischarge(),
      };
    },
    flowAt(ms) {
      const amps = protections.gated(pack.ampsAt(ms));
      return { amps, volts: voltsOf(pack.cellsAt(ms, amps)) };
    },
  };
}

/** The four alarm words. Of a name with several bits the first stands for it. */
export function alarmWords({ isRaised }: Protections): AlarmWords {
  const words = ALARM_WORDS.map((names) =>
    wordOf(names.map((name, bit) => name !== null && isRaised(name) && names.indexOf(name) === bit)),
  );
  const [first = 0, second = 0, third = 0, fourth = 0] = words;
  return [first, second, third, fourth];
}

/** Values that a correct reader decodes from the alarm words. */
export function alarmsSample(protections: Protections): Sample {
  const [first, second, third, fourth] = alarmWords(protections);
  return {
    protect: first * 65_536 + second,
    alarm: third * 65_536 + fourth,
    ...raisedSample(ALARM_NAMES, protections.isRaised),
  };
}

/** Bit 0 charging, bit 1 discharging. */
export const fetOf = ({ charge, discharge }: DalyState) => Number(charge) + 2 * Number(discharge);
