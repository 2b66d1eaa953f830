import { FrameError } from "../../codec/frame-error.ts";
import { layoutSize, type Row, readLayout, TEMPERATURE_RANGE, type Values, writeLayout } from "../../codec/layout.ts";
import { isoDate } from "../date.ts";

/**
 * Register 0x03, basic information (vendor protocol V4, V11; trailing fields from captures), big endian:
 *
 *     head (23 bytes)  temperatures (2 bytes each, as many as the head counts)  trailing fields (none, 9, 8 or 16 bytes)
 */
const HEAD = [
  { name: "volts", at: 0, raw: "u16be", per: 100 },
  { name: "cycles", at: 8, raw: "u16be" },
  { name: "year", at: 10, raw: "u16be", bits: [9, 15], zero: -2000 },
  { name: "month", at: 10, raw: "u16be", bits: [5, 8] },
  { name: "day", at: 10, raw: "u16be", bits: [0, 4] },
  { name: "balanceLow", at: 12, raw: "u16be" },
  { name: "balanceHigh", at: 14, raw: "u16be" },
  { name: "protect", at: 16, raw: "u16be" },
  { name: "major", at: 18, raw: "u8", bits: [4, 7] },
  { name: "minor", at: 18, raw: "u8", bits: [0, 3] },
  { name: "percent", at: 19, raw: "u8", max: 100 },
  { name: "fet", at: 20, raw: "u8" },
  { name: "cells", at: 21, raw: "u8" },
  { name: "sensors", at: 22, raw: "u8" },
] as const satisfies readonly Row[];

/** Three words of the head; FFFF in all of them means that nothing was measured, or that it is reported elsewhere. */
const FLOW = [
  { name: "amps", at: 0, raw: "s16be", per: 100 },
  { name: "remain", at: 2, raw: "u16be", per: 100 },
  { name: "capacity", at: 4, raw: "u16be", per: 100 },
] as const satisfies readonly Row[];
const FLOW_AT = 2;

/** Tenths of a kelvin. */
const CELSIUS = { raw: "u16be", per: 10, zero: 2731, ...TEMPERATURE_RANGE } as const;
const TEMPERATURE = [{ name: "celsius", at: 0, ...CELSIUS }] as const satisfies readonly Row[];

/** Nine bytes after the temperatures; any other number of bytes has another meaning. */
const TAIL = [
  { name: "flags", at: 0, raw: "u8" },
  { name: "alarm", at: 1, raw: "u16be" },
  { name: "full", at: 3, raw: "u16be", per: 100 },
  { name: "remain", at: 5, raw: "u16be", per: 100 },
  { name: "balanceAmps", at: 7, raw: "s16be", per: 1000 },
] as const satisfies readonly Row[];

/** Boards by Daren: two more temperatures than announced, state of health and three bytes of unknown meaning. */
const DAREN = [
  { name: "mosfet", at: 0, ...CELSIUS },
  { name: "ambient", at: 2, ...CELSIUS },
  { name: "health", at: 4, raw: "u8", max: 100 },
  { name: "zero", at: 5, raw: "u8" },
  { name: "zeros", at: 6, raw: "u16be" },
] as const satisfies readonly Row[];

/** The longer form of Daren's fields repeats those that are over range in the head. */
const DAREN_WIDE = [
  { name: "remain", at: 0, raw: "u16be", per: 10, absent: [0xffff] },
  { name: "capacity", at: 2, raw: "u16be", per: 10, absent: [0xffff] },
  { name: "unknown", at: 4, raw: "u16be" },
  { name: "amps", at: 6, raw: "s16be", per: 10 },
] as const satisfies readonly Row[];

/** All tables of the register, for programs that check or print them. */
export const PACK_LAYOUTS = { HEAD, FLOW, TEMPERATURE, TAIL, DAREN, DAREN_WIDE } as const;

const HEAD_SIZE = layoutSize(HEAD);
const FLOW_SIZE = layoutSize(FLOW);
const NOT_MEASURED = 0xff;
const TEMPERATURE_SIZE = layoutSize(TEMPERATURE);
const TAIL_SIZE = layoutSize(TAIL);
const DAREN_SIZE = layoutSize(DAREN);
const DAREN_WIDE_SIZE = DAREN_SIZE + layoutSize(DAREN_WIDE);
const DAREN_SENSORS = 4;

/** In both flag bytes: units of currents and charges are ten times as large (V11 for the MOSFET byte, a capture for the tail's). */
const TENFOLD = 0x80;
const TENFOLD_ROWS: readonly string[] = ["amps", "remain", "capacity", "full"];

/** The register, field by field; what cannot have been measured is absent. */
export interface Pack {
  readonly head: Omit<Values<typeof HEAD>, "sensors">;
  readonly flow?: Values<typeof FLOW>;
  /** °C, one for each sensor that the head counts; undefined where it cannot be a temperature. */
  readonly temperatures: readonly (number | undefined)[];
  readonly tail?: Values<typeof TAIL>;
  readonly daren?: Values<typeof DAREN>;
  readonly darenWide?: Values<typeof DAREN_WIDE>;
}

/** @throws {FrameError} `malformed` when the payload is shorter than its own counts require */
export function decodePack(payload: Uint8Array): Pack {
  const sensors = payload[HEAD_SIZE - 1];
  const tailAt = HEAD_SIZE + TEMPERATURE_SIZE * (sensors ?? 0);
  if (sensors === undefined || payload.length < tailAt) {
    throw new FrameError(
      "malformed",
      `the basic information has ${payload.length} bytes, fewer than the ${tailAt} that it announces`,
    );
  }
  const rest = payload.length - tailAt;
  const { sensors: _, ...head } = readLayout(HEAD, payload);
  const isDaren = sensors === DAREN_SENSORS && head.major + head.minor === 0 && !hasDate(head);
  const tenfold = isTenfold(head.fet, rest === TAIL_SIZE ? (payload[tailAt] ?? 0) : 0);
  const measured = payload.subarray(FLOW_AT, FLOW_AT + FLOW_SIZE).some((byte) => byte !== NOT_MEASURED);
  return {
    head,
    ...(measured && { flow: readLayout(scaled(FLOW, tenfold), payload, FLOW_AT) }),
    temperatures: Array.from(
      { length: sensors },
      (_, i) => readLayout(TEMPERATURE, payload, HEAD_SIZE + TEMPERATURE_SIZE * i).celsius,
    ),
    ...(rest === TAIL_SIZE && { tail: readLayout(scaled(TAIL, tenfold), payload, tailAt) }),
    ...(isDaren && (rest === DAREN_SIZE || rest === DAREN_WIDE_SIZE) && { daren: readLayout(DAREN, payload, tailAt) }),
    ...(isDaren && rest === DAREN_WIDE_SIZE && { darenWide: readLayout(DAREN_WIDE, payload, tailAt + DAREN_SIZE) }),
  };
}

/** The inverse of decodePack. @throws {RangeError} when a value does not fit its field */
export function encodePack(pack: Pack): Uint8Array {
  const tenfold = isTenfold(pack.head.fet, pack.tail?.flags ?? 0);
  const head = writeLayout(HEAD, { ...pack.head, sensors: pack.temperatures.length });
  head.fill(NOT_MEASURED, FLOW_AT, FLOW_AT + FLOW_SIZE);
  if (pack.flow) head.set(writeLayout(scaled(FLOW, tenfold), pack.flow), FLOW_AT);
  const parts = [
    head,
    ...pack.temperatures.map((celsius) => writeLayout(TEMPERATURE, celsius === undefined ? {} : { celsius })),
    ...(pack.tail ? [writeLayout(scaled(TAIL, tenfold), pack.tail)] : []),
    ...(pack.daren ? [writeLayout(DAREN, pack.daren)] : []),
    ...(pack.darenWide ? [writeLayout(DAREN_WIDE, pack.darenWide)] : []),
  ];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function isTenfold(fet: number, tailFlags: number): boolean {
  return ((fet | tailFlags) & TENFOLD) !== 0;
}

function scaled<Rows extends readonly Row[]>(rows: Rows, tenfold: boolean): Rows {
  if (!tenfold) return rows;
  return rows.map((row) =>
    TENFOLD_ROWS.includes(row.name) ? { ...row, per: (row.per ?? 1) / 10 } : row,
  ) as readonly Row[] as Rows;
}

function hasDate(head: { readonly year: number; readonly month: number; readonly day: number }): boolean {
  return head.year !== 2000 || head.month !== 0 || head.day !== 0;
}

/** Software version as the vendor prints it: `8.0`, `2.3`. */
export function softwareVersion({ head: { major, minor } }: Pack): string {
  return `${major}.${minor}`;
}

/** `YYYY-MM-DD`; undefined where the board holds an impossible date. */
export function productionDate({ head: { year, month, day } }: Pack): string | undefined {
  return isoDate(year, month, day);
}
