import { MAX_CELLS } from "../../../common/model/quantities.ts";
import { FrameError } from "../../codec/frame-error.ts";
import { layoutSize, type Row, readLayout, type Values, writeLayout } from "../../codec/layout.ts";

/**
 * The small registers, big endian: 0x04 cell voltages, 0x05 the board's name, 0xAA counters of the protections. Register
 * 0x03 has a file of its own, basic-information.ts.
 */

/** Register 0x04: one row for each cell; the payload's length gives their number. */
export const CELL = [{ name: "millivolts", at: 0, raw: "u16be" }] as const satisfies readonly Row[];
const CELL_SIZE = layoutSize(CELL);

/** Millivolts in the order of the cells; an unconnected input reads 0 and keeps its place. @throws {FrameError} */
export function decodeCells(payload: Uint8Array): readonly number[] {
  const count = payload.length / CELL_SIZE;
  if (!Number.isInteger(count) || count > MAX_CELLS) {
    throw new FrameError("malformed", `the cell voltages are ${payload.length} bytes long, which is impossible`);
  }
  return Array.from({ length: count }, (_, i) => readLayout(CELL, payload, CELL_SIZE * i).millivolts);
}

/** The inverse of decodeCells, from millivolts. @throws {RangeError} */
export function encodeCells(cells: readonly number[]): Uint8Array {
  return Uint8Array.from(cells.flatMap((millivolts) => [...writeLayout(CELL, { millivolts })]));
}

const PADDING = 0;
const isPrintable = (byte: number) => byte >= 0x20 && byte <= 0x7e;

/**
 * Register 0x05: bare ASCII that may be padded with NUL. It does not begin with a length byte.
 * @throws {FrameError} `malformed`
 */
export function decodeModel(payload: Uint8Array): string {
  const padding = payload.indexOf(PADDING);
  const text = padding < 0 ? payload : payload.subarray(0, padding);
  if (!text.every(isPrintable) || !payload.subarray(text.length).every((byte) => byte === PADDING)) {
    throw new FrameError("malformed", "the board's name is not readable text");
  }
  return String.fromCharCode(...text).trim();
}

export function encodeModel(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/**
 * Register 0xAA: number of times each protection has acted (vendor protocol V11), under the vocabulary's names of the
 * protections. Newer boards append the number of their restarts.
 */
const COUNTERS = [
  { name: "sc", at: 0, raw: "u16be" },
  { name: "coc", at: 2, raw: "u16be" },
  { name: "duc", at: 4, raw: "u16be" },
  { name: "ovp", at: 6, raw: "u16be" },
  { name: "uvp", at: 8, raw: "u16be" },
  { name: "cot", at: 10, raw: "u16be" },
  { name: "cut", at: 12, raw: "u16be" },
  { name: "dot", at: 14, raw: "u16be" },
  { name: "dut", at: 16, raw: "u16be" },
  { name: "bov", at: 18, raw: "u16be" },
  { name: "buv", at: 20, raw: "u16be" },
] as const satisfies readonly Row[];
const RESTARTS = [{ name: "restarts", at: 0, raw: "u16be" }] as const satisfies readonly Row[];

export const COUNTER_LAYOUTS = { COUNTERS, RESTARTS } as const;
const COUNTERS_SIZE = layoutSize(COUNTERS);

export type Counters = Values<typeof COUNTERS> & Partial<Values<typeof RESTARTS>>;

/** @throws {FrameError} `malformed` */
export function decodeCounters(payload: Uint8Array): Counters {
  const hasRestarts = payload.length === COUNTERS_SIZE + layoutSize(RESTARTS);
  if (!hasRestarts && payload.length !== COUNTERS_SIZE) {
    throw new FrameError("malformed", `the error counters are ${payload.length} bytes long instead of 22 or 24`);
  }
  return {
    ...readLayout(COUNTERS, payload),
    ...(hasRestarts && readLayout(RESTARTS, payload, COUNTERS_SIZE)),
  };
}

/** The inverse of decodeCounters. @throws {RangeError} */
export function encodeCounters({ restarts, ...counters }: Counters): Uint8Array {
  const more = restarts === undefined ? [] : writeLayout(RESTARTS, { restarts });
  return Uint8Array.of(...writeLayout(COUNTERS, counters), ...more);
}
