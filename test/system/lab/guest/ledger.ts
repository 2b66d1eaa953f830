import type { PollCount } from "../report.ts";

/** One row of the aggregator's CSV. */
export interface Row {
  readonly meter: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly values: Readonly<Record<string, number>>;
}

export interface Ledger {
  /** One line of the aggregator's stdout. */
  take(line: string): void;
  readonly rows: readonly Row[];
  rowsOf(meter: string): readonly Row[];
  /** Rows with an answer taken after `since`. */
  answersSince(meter: string, since: number): readonly Row[];
  /**
   * Polls of a meter since then, by the agent's own count, so that a row that never arrived counts as lost. The meter's
   * agent must not have been restarted in between.
   */
  countSince(meter: string, since: number): PollCount;
}

/** Reads CSV documents, each with its header and an empty line at its end, and keeps their rows. */
export function createLedger(): Ledger {
  const rows: Row[] = [];
  let header: readonly string[] | undefined;
  const rowsOf = (meter: string) => rows.filter((row) => row.meter === meter);
  return {
    rows,
    take(line) {
      if (line === "") header = undefined;
      else if (!header) header = line.split(",");
      else rows.push(parseRow(header, line.split(",")));
    },
    rowsOf,
    answersSince: (meter, since) => rowsOf(meter).filter((row) => row.time >= since && row.values.online === 1),
    countSince(meter, since) {
      const seen = rowsOf(meter).filter((row) => row.time >= since);
      const [first, last] = [seen[0]?.values.polls ?? 0, seen.at(-1)?.values.polls ?? -1];
      return { asked: last - first + 1, answered: seen.filter((row) => row.values.online === 1).length };
    },
  };
}

function parseRow(header: readonly string[], cells: readonly string[]): Row {
  const fields = Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ""]));
  const { meter = "", time, ...numbers } = fields;
  const values = Object.entries(numbers).filter(([, cell]) => cell !== "");
  return { meter, time: Number(time), values: Object.fromEntries(values.map(([name, cell]) => [name, Number(cell)])) };
}
