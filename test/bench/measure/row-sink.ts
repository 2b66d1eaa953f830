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
  /** Called with the meter of each row, which is its first column. */
  readonly onRow?: (meter: string, at: number) => void;
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
    const readMeters = onRow && meterReader(onRow);
    connection.on("data", (chunk) => {
      if (keep) kept.push(chunk);
      // The first line of each document names its columns.
      rows += count(chunk, NEWLINE) - count(chunk, NUL);
      latestAt = performance.now();
      readMeters?.(chunk.toString("latin1"), latestAt);
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
function meterReader(onRow: (meter: string, at: number) => void): (text: string, at: number) => void {
  let rest = "";
  let isHeader = true;
  return (text, at) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("\0")) isHeader = true;
      if (!isHeader) onRow(line.split(",", 1).join(), at);
      isHeader = false;
    }
  };
}
