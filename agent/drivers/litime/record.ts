import { BALANCE_NAMES, CELL_NAMES, type Quantity, TEMPERATURE_NAMES } from "../../../common/model/quantities.ts";
import type { Sample } from "../../../common/model/reading.ts";
import { layoutSize, type Row, readLayout, TEMPERATURE_RANGE, type Values } from "../../codec/layout.ts";
import { cellExtremes, flags, numbered, power } from "../pack-sample.ts";

/** The status record: offsets in the whole answer. The cells have a table of their own. */
export const STATUS = [
  { name: "volts2", at: 8, raw: "u32le", per: 1000 },
  { name: "volts", at: 12, raw: "u32le", per: 1000 },
  { name: "amps", at: 48, raw: "s32le", per: 1000 },
  { name: "temp1", at: 52, raw: "s16le", ...TEMPERATURE_RANGE },
  { name: "mostemp", at: 54, raw: "s16le", ...TEMPERATURE_RANGE },
  { name: "temp2", at: 56, raw: "s16le", ...TEMPERATURE_RANGE },
  { name: "temp3", at: 58, raw: "s16le", ...TEMPERATURE_RANGE },
  { name: "temp4", at: 60, raw: "s16le", ...TEMPERATURE_RANGE },
  { name: "remain", at: 62, raw: "u16le", per: 100 },
  { name: "full", at: 64, raw: "u16le", per: 100 },
  { name: "flags", at: 68, raw: "u32le" },
  { name: "balanced", at: 72, raw: "u32le" },
  { name: "protect", at: 76, raw: "u32le" },
  { name: "alarm", at: 80, raw: "u32le" },
  { name: "balance", at: 84, raw: "u32le" },
  { name: "state", at: 88, raw: "u16le" },
  { name: "percent", at: 90, raw: "u16le" },
  { name: "health", at: 92, raw: "u32le" },
  { name: "cycles", at: 96, raw: "u32le" },
  { name: "outah", at: 100, raw: "u32le" },
] as const satisfies readonly Row[];

/** Of the whole answer, with its sum. */
export const STATUS_SIZE = layoutSize(STATUS) + 1;
export const VERSION_SIZE = 89;

const MOST_CELLS = 16;
const CELLS_AT = 16;
/** mV; 0 where there is no cell. */
export const CELLS = CELL_NAMES.slice(0, MOST_CELLS).map((name, i) => ({
  name,
  at: CELLS_AT + 2 * i,
  raw: "u16le" as const,
}));

export interface Status {
  readonly values: Values<typeof STATUS>;
  /** mV, up to the last that is not 0. */
  readonly cells: readonly number[];
}

/** @throws {FrameError} `truncated` */
export function decodeStatus(frame: Uint8Array): Status {
  const cells = Object.values(readLayout(CELLS, frame));
  return {
    values: readLayout(STATUS, frame),
    cells: cells.slice(0, 1 + cells.findLastIndex((millivolts) => millivolts > 0)),
  };
}

/** Bounds that no battery of these families exceeds. */
const BOUNDS = [
  ["volts2", 0, 100],
  ["volts", 0, 100],
  ["amps", -1_000, 1_000],
  ["percent", 0, 100],
  ["health", 0, 200],
  ["state", 0, 0xff],
  ["cycles", 0, 0xffff],
  ["outah", 0, 0xff_ff_ff],
] as const satisfies readonly (readonly [keyof Status["values"], number, number])[];
/** Of the voltage, by which the sum of the cells may differ from it; in recorded answers they are equal. */
const CELL_SUM_SHARE = 0.1;

/**
 * False for a record whose values contradict each other. One answer in 256 that was put together from the wrong pieces has
 * the right sum; this tells it from a sound one.
 */
export function isPlausibleStatus(frame: Uint8Array): boolean {
  if (frame.length !== STATUS_SIZE) return false;
  const { values, cells } = decodeStatus(frame);
  const sum = cells.reduce((total, millivolts) => total + millivolts, 0) / 1000;
  return (
    BOUNDS.every(([name, min, max]) => values[name] >= min && values[name] <= max) &&
    Math.abs(sum - values.volts) <= CELL_SUM_SHARE * values.volts
  );
}

/** Bits of the protection word from the lowest; those without a name are undocumented. */
export const PROTECTIONS = [
  ...[null, null, "bov", null, null, "buv", "coc", "duc"],
  ...["cot", "dot", "cut", "dut", null, null, "sc"],
] as readonly (Quantity | null)[];

/** Sensors that most packs lack: 0 means 0 °C, or that there is none. */
export const OPTIONAL_SENSORS = TEMPERATURE_NAMES.slice(1, 4) as readonly ("temp2" | "temp3" | "temp4")[];

/** The quantities of a record. `sensors`: optional ones that have reported another value than 0 before. */
export function statusSample({ values, cells }: Status, sensors: ReadonlySet<Quantity> = new Set()): Sample {
  const { flags: _, balanced: __, balance, temp2, temp3, temp4, ...reported } = values;
  const optional = { temp2, temp3, temp4 };
  const present = OPTIONAL_SENSORS.filter((name) => sensors.has(name) || (optional[name] ?? 0) !== 0);
  return {
    ...reported,
    watts: power(values.volts, values.amps),
    cells: cells.length,
    ...numbered(CELL_NAMES, cells),
    ...cellExtremes(cells),
    ...flags(BALANCE_NAMES.slice(0, cells.length), balance),
    ...numbered(
      present,
      present.map((name) => optional[name]),
    ),
    ...flags(PROTECTIONS, values.protect),
  };
}

/** The answer about versions: offsets in the whole answer. */
export const VERSION = [
  { name: "major", at: 8, raw: "u16le" },
  { name: "minor", at: 10, raw: "u16le" },
  { name: "patch", at: 12, raw: "u16le" },
  { name: "year", at: 14, raw: "u16le" },
  { name: "month", at: 16, raw: "u8" },
  { name: "day", at: 17, raw: "u8" },
] as const satisfies readonly Row[];
export const HARDWARE_AT = 18;

/** Software with its date, and the name of the circuit board. @throws {FrameError} */
export function decodeVersion(frame: Uint8Array): { readonly software: string; readonly hardware?: string } {
  const { major, minor, patch, year, month, day } = readLayout(VERSION, frame);
  const [hardware] = /^[ -~]+/.exec(Buffer.from(frame.subarray(HARDWARE_AT, -1)).toString("latin1")) ?? [];
  const date = [year, month, day].map((part) => String(part).padStart(2, "0")).join("-");
  return { software: `${major}.${minor}.${patch} of ${date}`, ...(hardware !== undefined && { hardware }) };
}

/** False for an answer about versions that was put together from the wrong pieces, as isPlausibleStatus. */
export function isPlausibleVersion(frame: Uint8Array): boolean {
  if (frame.length !== VERSION_SIZE) return false;
  const { year, month, day } = readLayout(VERSION, frame);
  return year >= 2000 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}
