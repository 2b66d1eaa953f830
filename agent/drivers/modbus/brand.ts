import type { Row } from "../../codec/layout.ts";
import type { RegisterRange } from "../../codec/modbus.ts";
import type { Characteristic } from "../../radio/radio.ts";
import type { Description } from "../device-session.ts";
import type { Pattern } from "../driver.ts";

/** Everything about the batteries of one brand: how they are recognised, reached and asked, and a table of their registers. */
export interface Brand {
  /** The driver's word. */
  readonly name: string;
  readonly about: string;
  readonly identify: readonly Pattern[];
  /** Characteristics by generation of the Bluetooth module, the usual one first. */
  readonly ports: readonly Port[];
  /** Units that batteries were seen to answer as, the usual one first. */
  readonly units: readonly number[];
  /**
   * Every register that has a meaning, at twice its number. Rows named as quantities become quantities. A row `sensors`
   * holds the number of temperatures, `cells` that of the cell voltages and balancing bits.
   */
  readonly registers: readonly Row[];
  /** Most cells that its boards have. */
  readonly maxCells: number;
  /** Requests of a poll. The first is needed, the others add to it. */
  readonly polled: readonly [Span, ...Span[]];
  /** Quantities that follow from several rows, or replace them. */
  derive?(values: RowValues): RowValues;
  /** True where `fet` of 0 is what boards report that do not report their MOSFETs at all. */
  readonly fetMayBeMissing?: true;
  /** Set if the extremes of the cells are not computed: the board reports them itself, or the voltages are too coarse. */
  readonly extremes?: "reported" | "coarse";
  /** The meaning of a refused first request, for people. */
  readonly refusal?: string;
  /** Request and decoder of what `info` prints about the device. */
  readonly information?: Span & { readonly describe: (data: Uint8Array) => Description };
}

/** Characteristics to listen to and to write to. */
export interface Port {
  readonly notify: Characteristic;
  readonly write: Characteristic;
}

/** Registers that are read with one request. */
export interface Span extends Omit<RegisterRange, "unit"> {
  /** Numbers of registers in answers, where a board answers with others than were requested. */
  readonly answerCounts?: readonly number[];
}

/** Values in units by name of the row; those that were not measured are absent. */
export type RowValues = Readonly<Record<string, number | undefined>>;

/** The row of a register. */
export function register(number: number, row: Omit<Row, "at">): Row {
  return { ...row, at: 2 * number };
}

/** Rows `cell1`, `cell2` … of consecutive registers. */
export function registers(prefix: string, count: number, first: number, row: Omit<Row, "at" | "name">): Row[] {
  return Array.from({ length: count }, (_, i) => register(first + i, { ...row, name: `${prefix}${i + 1}` }));
}

/** Text in registers: up to the first zero, without the blanks around it; undefined where there is none. */
export function asciiText(data: Uint8Array, at: number, length: number): string | undefined {
  const bytes = data.subarray(at, at + length);
  const end = bytes.indexOf(0);
  const text = [...(end < 0 ? bytes : bytes.subarray(0, end))]
    .map((byte) => String.fromCharCode(byte))
    .join("")
    .trim();
  return /^[\x20-\x7e]+$/.test(text) ? text : undefined;
}
