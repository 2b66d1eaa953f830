import { type Row as CsvRow, csvRows } from "../../../../simulator/csv-rows.ts";
import type { PollCount } from "../../machine/report.ts";

/** One row of the aggregator's CSV. */
export interface Row {
  readonly meter: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly values: Readonly<Record<string, number>>;
}

/** The rows that the aggregator has printed. */
export interface Rows {
  /** Adds one line of the aggregator's stdout. */
  add(line: string): void;
  readonly all: readonly Row[];
  /** Rows with an answer taken after `since`. */
  answersSince(meter: string, since: number): readonly Row[];
  /**
   * Polls of a meter since then, by the agent's own count: a row that never arrived counts as lost. The meter's agent must
   * not have been restarted in between.
   */
  countSince(meter: string, since: number): PollCount;
}

/** Reads CSV documents, each with a header and an empty line at its end. */
export function createRows(): Rows {
  const all: Row[] = [];
  const since = (meter: string, time: number) => all.filter((row) => row.meter === meter && row.time >= time);
  return {
    all,
    add: csvRows((row) => all.push(numbersOf(row))),
    answersSince: (meter, time) => since(meter, time).filter(({ values }) => values.online === 1),
    countSince(meter, time) {
      const rows = since(meter, time);
      const [first, last] = [rows[0]?.values.polls ?? 0, rows.at(-1)?.values.polls ?? -1];
      return { asked: last - first + 1, answered: rows.filter(({ values }) => values.online === 1).length };
    },
  };
}

function numbersOf({ meter = "", time, ...numbers }: CsvRow): Row {
  const values = Object.entries(numbers).filter(([, cell]) => cell !== "");
  return { meter, time: Number(time), values: Object.fromEntries(values.map(([name, cell]) => [name, Number(cell)])) };
}
