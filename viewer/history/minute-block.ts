import { isQuantity, type Quantity } from "../../common/model/quantities.ts";
import type { MutableSample, Sample } from "../../common/model/reading.ts";
import type { Rows, Values } from "./averages.ts";
import { type Column, decodeBlock, encodeBlock } from "./columns.ts";
import { decimalsOf, type Names, scaled, unscaled } from "./names.ts";
import { MINUTE_FIGURES, type MinuteSummary } from "./summaries.ts";

/**
 * Summaries of one meter in the order of time: minutes, or hours. Columns: `@at`, `@count`, the mean under the name of its
 * quantity, lowest and highest with `<` and `>` as their distance from the mean where there is one, figures with `=`.
 */
const AT = "@at";
const COUNT = "@count";
type FigureName = keyof typeof MINUTE_FIGURES;

export function encodeSummaries(rows: readonly MinuteSummary[], names: Names): Uint8Array {
  const columns = new Map<number, Column>();
  const put = (name: string, column: Column) => void columns.set(names.numberOf(name), column);
  put(
    AT,
    rows.map(({ at }) => at / 1000),
  );
  put(
    COUNT,
    rows.map(({ count }) => count),
  );
  for (const name of namesOf(rows, ({ mean }) => mean)) {
    const values = (of: (row: MinuteSummary) => Sample) =>
      rows.map((row) => {
        const value = of(row)[name];
        return value === undefined ? undefined : scaled(value, decimalsOf(name));
      });
    const mean = values((row) => row.mean);
    put(name, mean);
    for (const [sign, column] of [
      ["<", values((row) => row.low)],
      [">", values((row) => row.high)],
    ] as const) {
      const distances = column.map((value, i) => difference(value, mean[i]));
      if (distances.some((value) => value !== 0 && value !== undefined)) put(`${name}${sign}`, distances);
    }
  }
  for (const name of namesOf(rows, ({ figures }) => figures)) {
    put(
      `=${name}`,
      rows.map(({ figures }) => {
        const value = figures[name];
        return value === undefined ? undefined : scaled(value, MINUTE_FIGURES[name]);
      }),
    );
  }
  return encodeBlock({ rows: rows.length, columns });
}

/** A decoder of the columns of some quantities, for a chart. It throws BlockError. */
export function rowsDecoder(names: Names, wanted: readonly Quantity[]): (bytes: Uint8Array) => Rows {
  const isWanted = new Set([AT, COUNT, ...wanted.flatMap((name) => [name, `${name}<`, `${name}>`])]);
  const numbers = new Map(names.all().filter(([, name]) => isWanted.has(name)));
  return (bytes) =>
    rowsIn(
      namedColumns(bytes, (number) => numbers.get(number)),
      wanted,
    );
}

function rowsIn(columns: ReadonlyMap<string, Column>, wanted: readonly Quantity[]): Rows {
  const values = new Map<Quantity, Values>();
  for (const name of wanted) {
    const mean = columns.get(name);
    const [below, above] = [columns.get(`${name}<`), columns.get(`${name}>`)];
    if (mean) values.set(name, { mean, below, above, scale: 10 ** decimalsOf(name) });
  }
  return {
    times: (columns.get(AT) ?? []).map((seconds = 0) => seconds * 1000),
    weights: (columns.get(COUNT) ?? []).map((count = 0) => Math.max(1, count)),
    values,
  };
}

/** Columns without a name are left out. */
function namedColumns(bytes: Uint8Array, nameOf: (number: number) => string | undefined): ReadonlyMap<string, Column> {
  const { columns } = decodeBlock(bytes, (number) => nameOf(number) !== undefined);
  return new Map([...columns].map(([number, column]) => [nameOf(number) ?? "", column]));
}

/** @throws {BlockError} */
export function decodeSummaries(bytes: Uint8Array, names: Names): MinuteSummary[] {
  const named = namedColumns(bytes, names.nameOf);
  const rows = named.get(AT)?.length ?? 0;
  const summaries = Array.from({ length: rows }, (_, row) => ({
    at: (named.get(AT)?.[row] ?? 0) * 1000,
    count: named.get(COUNT)?.[row] ?? 0,
    mean: {} as MutableSample,
    low: {} as MutableSample,
    high: {} as MutableSample,
    figures: {} as { -readonly [F in FigureName]?: number },
  }));
  for (const [name, column] of named) {
    if (isQuantity(name)) {
      const decimals = decimalsOf(name);
      const [low, high] = [named.get(`${name}<`), named.get(`${name}>`)];
      summaries.forEach((summary, row) => {
        const mean = column[row];
        if (mean === undefined) return;
        summary.mean[name] = unscaled(mean, decimals);
        summary.low[name] = unscaled(mean + (low?.[row] ?? 0), decimals);
        summary.high[name] = unscaled(mean + (high?.[row] ?? 0), decimals);
      });
    }
    const figure = name.slice(1);
    if (name.startsWith("=") && isFigure(figure)) {
      summaries.forEach((summary, row) => {
        const value = column[row];
        if (value !== undefined) summary.figures[figure] = unscaled(value, MINUTE_FIGURES[figure]);
      });
    }
  }
  return summaries;
}

const isFigure = (name: string): name is FigureName => Object.hasOwn(MINUTE_FIGURES, name);

function namesOf<K extends string>(
  rows: readonly MinuteSummary[],
  of: (row: MinuteSummary) => { readonly [N in K]?: number },
): K[] {
  return [...new Set(rows.flatMap((row) => Object.keys(of(row)) as K[]))];
}

const difference = (value: number | undefined, mean: number | undefined) =>
  value === undefined || mean === undefined ? undefined : value - mean;
