// A receiver of the aggregator's documents that reads at once, as a fast Telegraf would.
import { createServer } from "node:net";
import type { Bench } from "../question.ts";

export interface RowSink {
  /** Rows received so far. */
  readonly rows: number;
  /** When the latest of them arrived, by performance.now(). */
  readonly latestAt: number;
  /** Everything received, where it is kept. */
  readonly bytes: Buffer;
  /** Resolves when so many rows have arrived. */
  received(rows: number): Promise<void>;
}

const NEWLINE = 0x0a;
const NUL = 0;

export interface SinkOptions {
  /** Keeps everything in memory. */
  readonly keep?: boolean;
  readonly onRow?: OnRow;
}

/** Called with each row. */
type OnRow = (row: Row, at: number) => void;

export interface Row {
  /** The first column. */
  readonly meter: string;
  /** A column by its name; undefined where it is empty or missing. */
  column(name: string): string | undefined;
}

export async function listenForRows(
  bench: Pick<Bench, "after">,
  path: string,
  { keep = false, onRow }: SinkOptions = {},
): Promise<RowSink> {
  let rows = 0;
  let latestAt = 0;
  let awaited = Number.POSITIVE_INFINITY;
  let reached = () => {};
  const kept: Buffer[] = [];
  const server = createServer((connection) => {
    connection.on("error", () => {});
    const readRows = onRow && rowReader(onRow);
    connection.on("data", (chunk) => {
      if (keep) kept.push(chunk);
      // The first line of each document names its columns.
      rows += count(chunk, NEWLINE) - count(chunk, NUL);
      latestAt = performance.now();
      readRows?.(chunk.toString("latin1"), latestAt);
      if (rows >= awaited) reached();
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  bench.after(() => server.close());
  return {
    get rows() {
      return rows;
    },
    get latestAt() {
      return latestAt;
    },
    get bytes() {
      return Buffer.concat(kept);
    },
    received(wanted) {
      return new Promise((resolve) => {
        awaited = wanted;
        reached = resolve;
        if (rows >= wanted) resolve();
      });
    },
  };
}

function count(bytes: Buffer, wanted: number): number {
  let found = 0;
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) found += 1;
  return found;
}

/** Takes a stream in pieces, and reports each row at its end. The line after a NUL, or the first, names the columns. */
function rowReader(onRow: OnRow): (text: string, at: number) => void {
  let rest = "";
  let names: readonly string[] | undefined;
  return (text, at) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!names || line.startsWith("\0")) names = line.replace("\0", "").split(",");
      else onRow(rowOf(line, names), at);
    }
  };
}

function rowOf(line: string, names: readonly string[]): Row {
  return {
    meter: line.slice(0, line.indexOf(",")),
    column: (name) => line.split(",")[names.indexOf(name)] || undefined,
  };
}
