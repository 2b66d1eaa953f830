import type { MutableSample, Sample } from "../../common/model/reading.ts";
import { wattsOf } from "../expected-sample.ts";
import { rounded } from "../random.ts";

/** Values of a battery at one moment, by name of the quantity, before any rounding of a register; a name without a value is 0. */
export type State = Readonly<Record<string, number>>;

/** Quantities that an answer holds, and the steps per unit in which the brand reports each. */
type Steps = Readonly<Record<string, number>>;

/** The same steps for several quantities. */
const each = (names: readonly string[], steps: number): Steps => Object.fromEntries(names.map((name) => [name, steps]));
const cells = (steps: number) => each(["cell1", "cell2", "cell3", "cell4"], steps);
const temperatures = (steps: number) => each(["temp1", "temp2"], steps);
const EXTREMES = each(["cellmin", "cellmax", "delta"], 1);
const NUMBERED_EXTREMES = { ...EXTREMES, mincell: 1, maxcell: 1 };

const RENOGY: Readonly<Record<number, Steps>> = {
  5042: { amps: 100, volts: 10, remain: 1000, full: 1000, cycles: 1, percent: 10 },
  5000: { cells: 1, ...cells(0.01), ...temperatures(10) },
  5100: each(["alarm", "alarm2", "auvp", "aovp", "fet", "heating"], 1),
};
const PACE: Steps = {
  ...{ amps: 100, volts: 100, remain: 100, full: 100, capacity: 100 },
  ...each(["percent", "health", "cycles", "alarm", "protect", "fet"], 1),
};

/** By kind, and by the first register of the answer. From the published descriptions, without the drivers' tables. */
const REPORTED: Readonly<Record<string, Readonly<Record<number, Steps>>>> = {
  renogy: RENOGY,
  "renogy-pro": { ...RENOGY, 5042: { ...RENOGY[0x13b2], amps: 10 } },
  eg4: {
    0: {
      ...{ volts: 100, amps: 100, remain: 1, full: 1000, cells: 1, ...cells(1), ...temperatures(1), boardtemp: 1 },
      ...each(["health", "percent", "state", "alarm", "protect", "errorcode", "cycles"], 1),
      ...each(["c01", "c02", "c03", "c04"], 1),
      ...NUMBERED_EXTREMES,
    },
  },
  vatrer: {
    0: { volts: 100, amps: 100, remain: 100, full: 100, percent: 1, cycles: 1, health: 1, ...EXTREMES },
    21: { cells: 1, ...cells(1) },
    52: {
      ...temperatures(1),
      ...each(["mostemp", "alarm", "alarm2", "protect", "protect2", "fet", "balancing"], 1),
    },
  },
  lipower: { 1024: { remain: 1, percent: 1, volts: 10, runtime: 1, amps: 100 } },
  pylontech: { 4118: { volts: 100, amps: 10, ...EXTREMES, percent: 1, health: 1, capacity: 10 } },
  gobel: { 0: { ...PACE, cells: 1, ...cells(1), ...temperatures(10), mostemp: 10, ...NUMBERED_EXTREMES } },
  buknuwo: { 0: PACE, 46: temperatures(10), 57: { mostemp: 10 } },
};

/** The values that a correct reader decodes from the registers from `start` on, computed without the driver's code. */
export function expectedSample(kind: string, start: number, state: State): Sample {
  const steps = Object.entries(REPORTED[kind]?.[start] ?? {}).filter(([name]) => isPublished(kind, name, state));
  const values = steps.map(([name, perUnit]) => [name, rounded(state[name] ?? 0, perUnit)]);
  const sample: MutableSample = Object.fromEntries(values);
  const { volts, amps } = sample;
  return { ...sample, ...(volts !== undefined && amps !== undefined && { watts: wattsOf(volts, amps) }) };
}

/** LiPower's current has no sign, so a reader publishes it of a discharging battery only. */
function isPublished(kind: string, name: string, { amps = 0 }: State): boolean {
  return kind !== "lipower" || name !== "amps" || amps < 0;
}
