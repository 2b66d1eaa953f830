import { isQuantity, type Quantity } from "../../common/model/quantities.ts";
import { EARLIEST_TAKEN_AT, LATEST_TAKEN_AT } from "../../common/model/reading.ts";
import { FULL_NAME_RULE, isFullName } from "../../common/model/site.ts";
import { RequestError } from "./answer.ts";

/** One parameter of a query. */
export interface Parameter<T> {
  /** Undefined for text that breaks `rule`. */
  parse(text: string): T | undefined;
  /** Completes the sentence "expected …". */
  readonly rule: string;
  readonly isRequired?: true;
}

export type ParameterTable = Readonly<Record<string, Parameter<unknown>>>;

type ValueOf<P> = P extends Parameter<infer T> ? (P extends { isRequired: true } ? T : T | undefined) : never;
export type ValuesOf<Table extends ParameterTable> = { readonly [Name in keyof Table]: ValueOf<Table[Name]> };

/** Every parameter of a query, checked. @throws {RequestError} 400, if one is missing, unknown, repeated or wrong */
export function readQuery<Table extends ParameterTable>(table: Table, query: URLSearchParams): ValuesOf<Table> {
  for (const name of query.keys()) {
    if (!Object.hasOwn(table, name)) throw new RequestError(400, unknownParameter(table, name));
    if (query.getAll(name).length > 1) throw new RequestError(400, `${name} is given twice: give it once`);
  }
  const read = ([name, { parse, rule, isRequired }]: [string, Parameter<unknown>]) => {
    const text = query.get(name);
    if (text === null && !isRequired) return [name, undefined];
    const value = text === null ? undefined : parse(text);
    if (value === undefined) {
      throw new RequestError(400, `${name} ${text === null ? "is missing" : JSON.stringify(text)}: expected ${rule}`);
    }
    return [name, value];
  };
  return Object.fromEntries(Object.entries(table).map(read)) as ValuesOf<Table>;
}

function unknownParameter(table: ParameterTable, name: string): string {
  const known = Object.keys(table);
  return `unknown parameter ${JSON.stringify(name)}: ${known.length > 0 ? `expected ${known.join(", ")}` : "none is expected here"}`;
}

/** The full name of a meter. */
export const METER = {
  parse: (text: string) => (isFullName(text) ? text : undefined),
  rule: `the name of a meter: ${FULL_NAME_RULE}`,
  isRequired: true,
} as const satisfies Parameter<string>;

/** A moment, as milliseconds since the Unix epoch. */
export const TIME: Parameter<number> = {
  parse: parseTime,
  rule: "milliseconds since 1970 or an ISO 8601 time, such as 1700000000000, 2026-11-27T08:00:00Z or 2026-11-27",
};

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** A day begins at midnight in the time zone of this machine, as the days of the energy figures do. */
function parseTime(text: string): number | undefined {
  const ms = /^\d{1,13}$/.test(text)
    ? Number(text)
    : MOMENT.test(text)
      ? Date.parse(text)
      : DAY.test(text)
        ? Date.parse(`${text}T00:00:00`)
        : Number.NaN;
  return ms >= EARLIEST_TAKEN_AT && ms < LATEST_TAKEN_AT ? ms : undefined;
}

/** A whole number from 1 to `most`. */
export function wholeNumber(unit: string, most: number): Parameter<number> {
  return {
    parse: (text) => (/^[1-9]\d{0,5}$/.test(text) && Number(text) <= most ? Number(text) : undefined),
    rule: `${unit}, from 1 to ${most}`,
  };
}

const MAX_QUANTITIES = 64;

/** Names of the vocabulary, separated by commas. */
export const QUANTITY_LIST: Parameter<readonly Quantity[]> = {
  parse(text) {
    const names = text.split(",", MAX_QUANTITIES + 1);
    return names.length <= MAX_QUANTITIES && names.every(isQuantity) ? [...new Set(names)] : undefined;
  },
  rule: `up to ${MAX_QUANTITIES} names of docs/quantities.md, separated by commas, such as volts,amps`,
};

/** @throws {RequestError} 400, unless the span begins before it ends */
export function checkSpan({ from, to }: { readonly from: number; readonly to: number }): void {
  if (from >= to)
    throw new RequestError(400, `from ${from} is not before to ${to}: choose an earlier from or a later to`);
}
