/**
 * The vocabulary: every quantity that can be measured, in the order in which its columns appear.
 *
 * One word serves from byte to database: `volts` is the row of a driver's table, the key on the wire, the CSV column and
 * the database field. Kind and decimals of a quantity never change: a database that has stored a column as a float
 * refuses an integer for ever, so a float always prints a point and an int never does.
 */

export interface QuantitySpec {
  readonly kind: "float" | "int";
  /** Digits after the point in CSV; 0 for an int. */
  readonly decimals: number;
  /** As printed to people; empty for a plain number. */
  readonly unit: string;
  readonly about: string;
}

const float = (decimals: number, unit: string, about: string) => ({ kind: "float", decimals, unit, about }) as const;
const int = (unit: string, about: string) => ({ kind: "int", decimals: 0, unit, about }) as const;

type Digit = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
type UpTo32 = Digit | 10 | `1${Digit}` | 20 | `2${Digit}` | 30 | 31 | 32;
type Padded = `0${Digit}` | Exclude<UpTo32, Digit>;
type UpTo8 = Exclude<Digit, 9>;

/** One row per number from 1 to `count`; `key` makes the name, `spec` the row. */
function rows<K extends string>(count: number, key: (n: number) => string, spec: (n: number) => QuantitySpec) {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [key(i + 1), spec(i + 1)])) as Record<
    K,
    QuantitySpec
  >;
}

export const MAX_CELLS = 32;
export const MAX_TEMPERATURES = 8;

export const QUANTITIES = {
  volts: float(3, "V", "pack or battery voltage"),
  volts2: float(3, "V", "second voltage input"),
  amps: float(3, "A", "current, positive while charging"),
  watts: float(2, "W", "power, positive while charging"),
  percent: float(1, "%", "state of charge"),
  health: float(1, "%", "state of health"),
  remain: float(2, "Ah", "charge left"),
  capacity: float(2, "Ah", "nominal capacity"),
  full: float(2, "Ah", "learned full-charge capacity"),
  cycles: int("", "completed charge cycles"),
  cells: int("", "cells that the device says it has"),
  ...rows<`cell${UpTo32}`>(
    MAX_CELLS,
    (n) => `cell${n}`,
    (n) => int("mV", `voltage of cell ${n}`),
  ),
  cellmin: int("mV", "lowest cell voltage"),
  cellmax: int("mV", "highest cell voltage"),
  delta: int("mV", "highest less lowest cell voltage"),
  mincell: int("", "number of the lowest cell"),
  maxcell: int("", "number of the highest cell"),
  ...rows<`c${Padded}`>(
    MAX_CELLS,
    (n) => `c${String(n).padStart(2, "0")}`,
    (n) => int("", `1 while cell ${n} is balancing`),
  ),
  temp: float(1, "°C", "temperature"),
  ...rows<`temp${UpTo8}`>(
    MAX_TEMPERATURES,
    (n) => `temp${n}`,
    (n) => float(1, "°C", `temperature sensor ${n}`),
  ),
  protect: int("", "protection word, as reported"),
  fet: int("", "MOSFET byte, as reported: bit 0 charge on, bit 1 discharge on"),
  alarm: int("", "alarm word, as reported"),
  ovp: int("", "1: cell over-voltage protection"),
  uvp: int("", "1: cell under-voltage protection"),
  bov: int("", "1: pack over-voltage protection"),
  buv: int("", "1: pack under-voltage protection"),
  cot: int("", "1: charge over-temperature protection"),
  cut: int("", "1: charge under-temperature protection"),
  dot: int("", "1: discharge over-temperature protection"),
  dut: int("", "1: discharge under-temperature protection"),
  coc: int("", "1: charge over-current protection"),
  duc: int("", "1: discharge over-current protection"),
  sc: int("", "1: short-circuit protection"),
  ic: int("", "1: front-end IC error"),
  cnf: int("", "1: MOSFETs locked by software"),
  kwh: float(6, "kWh", "energy meter"),
  ah: float(3, "Ah", "charge meter"),
  peak: float(2, "A", "peak current"),
  uptime: int("s", "time since the device started"),
  runtime: int("min", "time left at the present load"),
  online: int("", "1 with a measurement, 0 while the device does not answer"),
  rssi: int("dBm", "received signal strength, where the radio knows it"),
  latency: int("ms", "from the first request of a poll to its last byte"),
  polls: int("", "polls since the agent started"),
  failures: int("", "failed polls since the agent started"),
  reconnects: int("", "links made anew since the agent started"),
  backlog: int("", "readings not yet accepted"),
  dropped: int("", "readings lost to the bound of the outbox"),
} as const satisfies Record<string, QuantitySpec>;

export type Quantity = keyof typeof QUANTITIES;

/** Every quantity, in column order. */
export const QUANTITY_NAMES = Object.keys(QUANTITIES) as readonly Quantity[];

export function isQuantity(name: string): name is Quantity {
  return Object.hasOwn(QUANTITIES, name);
}

/** The names `cell1` … `cell32`, `c01` … `c32`, `temp1` … `temp8` by position, counted from 0. */
export const CELL_NAMES = QUANTITY_NAMES.filter((name) => /^cell\d+$/.test(name)) as readonly `cell${UpTo32}`[];
export const BALANCE_NAMES = QUANTITY_NAMES.filter((name) => /^c\d\d$/.test(name)) as readonly `c${Padded}`[];
export const TEMPERATURE_NAMES = QUANTITY_NAMES.filter((name) => /^temp\d$/.test(name)) as readonly `temp${UpTo8}`[];

/** A value as it is written in CSV and shown to people: fixed decimals, never `-0`. */
export function formatQuantity(name: Quantity, value: number): string {
  const { decimals } = QUANTITIES[name];
  if (decimals === 0 && Number.isSafeInteger(value)) return String(value);
  const text = value.toFixed(decimals);
  return text.startsWith("-") && Number(text) === 0 ? text.slice(1) : text;
}
