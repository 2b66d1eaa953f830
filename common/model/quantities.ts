/**
 * The vocabulary: the only list of quantities, in the order in which their columns appear.
 *
 * One word serves from byte to database: `volts` is the row of a driver's table, the key on the wire, the CSV column and
 * the database field. Kind and decimals of a quantity never change: a database that has stored a column as a float
 * refuses integers in it, so a float always prints a point and an int never does.
 */

export interface QuantitySpec {
  /** Its source: the device as a whole, its cells, or the agent that polls it. */
  readonly group: QuantityGroup;
  readonly kind: "float" | "int";
  /** Digits after the point in CSV; 0 for an int. */
  readonly decimals: number;
  /** As printed for people; empty for a plain number. */
  readonly unit: string;
  readonly about: string;
  /** The state, in words, that an int of 1 reports and an int of 0 denies: `cell over-voltage protection`. */
  readonly state?: string;
}

export type QuantityGroup = "device" | "cell" | "agent";

/** Makes the rows of one group. */
const rowsOf = (group: QuantityGroup) => ({
  float: (decimals: number, unit: string, about: string): QuantitySpec => ({
    group,
    kind: "float",
    decimals,
    unit,
    about,
  }),
  int: (unit: string, about: string): QuantitySpec => ({ group, kind: "int", decimals: 0, unit, about }),
  state: (state: string): QuantitySpec => ({ group, kind: "int", decimals: 0, unit: "", about: `1: ${state}`, state }),
});
const device = rowsOf("device");
const cell = rowsOf("cell");
const agent = rowsOf("agent");

type Digit = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
type UpTo32 = Digit | 10 | `1${Digit}` | 20 | `2${Digit}` | 30 | 31 | 32;
type Padded = `0${Digit}` | Exclude<UpTo32, Digit>;
type UpTo8 = Exclude<Digit, 9>;

/** One row per number from 1 to `count`. */
function rows<K extends string>(count: number, key: (n: number) => string, spec: (n: number) => QuantitySpec) {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [key(i + 1), spec(i + 1)])) as Record<
    K,
    QuantitySpec
  >;
}

export const MAX_CELLS = 32;
const MAX_TEMPERATURES = 8;

export const QUANTITIES = {
  volts: device.float(3, "V", "pack or battery voltage"),
  volts2: device.float(3, "V", "second voltage input"),
  midvolts: device.float(2, "V", "voltage at the midpoint of the battery"),
  amps: device.float(3, "A", "current, positive while charging"),
  watts: device.float(2, "W", "power, positive while charging"),
  percent: device.float(1, "%", "state of charge"),
  health: device.float(1, "%", "state of health"),
  remain: device.float(2, "Ah", "charge left"),
  capacity: device.float(2, "Ah", "nominal capacity"),
  full: device.float(2, "Ah", "learned full-charge capacity"),
  consumed: device.float(1, "Ah", "charge missing since the battery was last full"),
  cycles: device.int("", "completed charge cycles"),
  cells: cell.int("", "number of cells, as reported"),
  ...rows<`cell${UpTo32}`>(
    MAX_CELLS,
    (n) => `cell${n}`,
    (n) => cell.int("mV", `voltage of cell ${n}`),
  ),
  cellmin: cell.int("mV", "lowest cell voltage"),
  cellmax: cell.int("mV", "highest cell voltage"),
  delta: cell.int("mV", "highest less lowest cell voltage"),
  mincell: cell.int("", "number of the lowest cell"),
  maxcell: cell.int("", "number of the highest cell"),
  ...rows<`c${Padded}`>(
    MAX_CELLS,
    (n) => `c${String(n).padStart(2, "0")}`,
    (n) => cell.int("", `1 while cell ${n} is balancing`),
  ),
  balancing: device.int("", "1 while cells are balancing"),
  balanceamps: device.float(3, "A", "balancing current"),
  temp: device.float(1, "°C", "temperature"),
  ...rows<`temp${UpTo8}`>(
    MAX_TEMPERATURES,
    (n) => `temp${n}`,
    (n) => device.float(1, "°C", `temperature sensor ${n}`),
  ),
  mostemp: device.float(1, "°C", "temperature of the MOSFETs"),
  boardtemp: device.float(1, "°C", "temperature of the circuit board"),
  balancetemp: device.float(1, "°C", "temperature of the balancer"),
  ambient: device.float(1, "°C", "temperature of the surroundings"),
  heating: device.int("", "1 while the battery is heated"),
  state: device.int("", "operating state, as reported"),
  errorcode: device.int("", "error code, as reported; 0 without an error"),
  offreason: device.int("", "reasons why the output is off, as reported"),
  protect: device.int("", "protection word, as reported"),
  protect2: device.int("", "further bits of the protection word, from bit 32 on"),
  fet: device.int("", "MOSFET byte, as reported: bit 0 charge on, bit 1 discharge on"),
  alarm: device.int("", "alarm word, as reported"),
  alarm2: device.int("", "further bits of the alarm word, from bit 32 on"),
  ovp: device.state("cell over-voltage protection"),
  uvp: device.state("cell under-voltage protection"),
  bov: device.state("pack over-voltage protection"),
  buv: device.state("pack under-voltage protection"),
  cot: device.state("charge over-temperature protection"),
  cut: device.state("charge under-temperature protection"),
  dot: device.state("discharge over-temperature protection"),
  dut: device.state("discharge under-temperature protection"),
  coc: device.state("charge over-current protection"),
  duc: device.state("discharge over-current protection"),
  sc: device.state("short-circuit protection"),
  ic: device.state("front-end IC error"),
  cnf: device.state("software lock of the MOSFETs"),
  cmf: device.state("charge MOSFET fault"),
  dmf: device.state("discharge MOSFET fault"),
  aovp: device.state("cell over-voltage alarm"),
  auvp: device.state("cell under-voltage alarm"),
  abov: device.state("pack over-voltage alarm"),
  abuv: device.state("pack under-voltage alarm"),
  acot: device.state("charge over-temperature alarm"),
  acut: device.state("charge under-temperature alarm"),
  adot: device.state("discharge over-temperature alarm"),
  adut: device.state("discharge under-temperature alarm"),
  acoc: device.state("charge over-current alarm"),
  aduc: device.state("discharge over-current alarm"),
  adelta: device.state("cell difference alarm"),
  alow: device.state("low capacity alarm"),
  kwh: device.float(6, "kWh", "energy meter"),
  ah: device.float(3, "Ah", "charge meter"),
  inah: device.float(2, "Ah", "charge put in since the device was new"),
  outah: device.float(2, "Ah", "charge taken out since the device was new"),
  peak: device.float(2, "A", "peak current"),
  maxcharge: device.float(1, "A", "highest charge current that the device allows at present"),
  maxdischarge: device.float(1, "A", "highest discharge current that the device allows at present"),
  involts: device.float(2, "V", "input voltage of a converter"),
  inamps: device.float(1, "A", "input current of a converter"),
  pvwatts: device.float(1, "W", "power of the solar panels"),
  yield: device.float(2, "kWh", "solar energy of today"),
  loadamps: device.float(1, "A", "current of the load output"),
  acvolts: device.float(2, "V", "AC output voltage"),
  acamps: device.float(1, "A", "AC output current"),
  acva: device.float(1, "VA", "AC output, apparent power"),
  acwatts: device.float(1, "W", "AC output power"),
  acinwatts: device.float(1, "W", "AC input power, negative while feeding in"),
  uptime: device.int("s", "time since the device started"),
  runtime: device.int("min", "time left at the present load"),
  online: agent.int("", "1 with a measurement, 0 while the device does not answer"),
  rssi: agent.int("dBm", "received signal strength, if the radio reports it"),
  latency: agent.int("ms", "from the first request of a poll to its last byte; absent where the agent only listens"),
  polls: agent.int("", "polls since the agent started"),
  failures: agent.int("", "failed polls since the agent started"),
  torn: agent.int("", "failed polls, counted in failures as well, whose values belong to two moments"),
  reconnects: agent.int("", "connections replaced since the agent started"),
  backlog: agent.int("", "readings not yet accepted"),
  dropped: agent.int("", "readings lost to the bound of the outbox"),
} satisfies Record<string, QuantitySpec>;

export type Quantity = keyof typeof QUANTITIES;

/** Every quantity, in column order. */
export const QUANTITY_NAMES = Object.keys(QUANTITIES) as readonly Quantity[];

export function isQuantity(name: string): name is Quantity {
  return Object.hasOwn(QUANTITIES, name);
}

/** False for NaN, for what a double cannot hold exactly or would print with an exponent, and for fractions of an int. */
export function isPossibleValue(kind: QuantitySpec["kind"], value: unknown): boolean {
  if (kind === "int") return Number.isSafeInteger(value);
  return typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}

/** The names `cell1` … `cell32`, `c01` … `c32`, `temp1` … `temp8` by position, counted from 0. */
export const CELL_NAMES = QUANTITY_NAMES.filter((name) => /^cell\d+$/.test(name)) as readonly `cell${UpTo32}`[];
export const BALANCE_NAMES = QUANTITY_NAMES.filter((name) => /^c\d\d$/.test(name)) as readonly `c${Padded}`[];
export const TEMPERATURE_NAMES = QUANTITY_NAMES.filter((name) => /^temp\d$/.test(name)) as readonly `temp${UpTo8}`[];

/** A value as printed in CSV and for people: fixed decimals, never `-0`. */
export function formatQuantity(name: Quantity, value: number): string {
  const { decimals } = QUANTITIES[name];
  if (decimals === 0 && Number.isSafeInteger(value)) return String(value);
  return formatFixed(value, decimals);
}

/** Fixed decimals, never `-0`. */
export function formatFixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return text.startsWith("-") && Number(text) === 0 ? text.slice(1) : text;
}
