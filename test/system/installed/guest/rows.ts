import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { type Stored, storedOf } from "../../../support/proof/stored.ts";
import { parseLineProtocol } from "../../telegraf/point.ts";
import { eventually } from "./commands.ts";
import { NAMES, ROWS } from "./paths.ts";

/** Telegraf's rows of a meter, ordered by time. A line that is still being written is left out. */
export function rowsOf(meter: string): Stored[] {
  const text = readFileSync(ROWS, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return storedOf(parseLineProtocol(whole))
    .filter((row) => row.meter === meter)
    .sort((a, b) => a.time - b.time);
}

/** Enough for the latest rows of all meters. */
const TAIL = 32_768;

/** Time of the newest row of each meter that has one among the last rows, which is cheap. */
export function newestRows(): Map<string, number> {
  const file = openSync(ROWS, "r");
  const bytes = Buffer.alloc(TAIL);
  const from = Math.max(0, fstatSync(file).size - TAIL);
  const text = bytes.toString("utf8", 0, readSync(file, bytes, 0, TAIL, from));
  closeSync(file);
  const rows = [...text.matchAll(/^battery,\S*meter=([^, ]+)\S* .* (\d+)\d{6}$/gm)];
  return new Map(rows.map(([, meter = "", time]) => [meter, Number(time)]));
}

/** Rows with an answer of the battery. */
export function measuredSince(meter: string, since: number): Stored[] {
  return rowsOf(meter).filter(({ time, values }) => time >= since && "volts" in values);
}

/** Waits for `count` new answers of each. */
export async function readingsFlow(meters: readonly string[] = NAMES, count = 2): Promise<string> {
  const since = Date.now();
  await eventually(`${count} new readings of ${meters.join(", ")}`, async () =>
    meters.every((meter) => measuredSince(meter, since).length >= count),
  );
  return meters.map((meter) => `${measuredSince(meter, since).length} of ${meter}`).join(", ");
}

/** Every poll of one run from `since` to `to` has a row and was answered. @throws {Error} where one has not */
export function lostNoPoll(meter: string, since: number, to: number): string {
  const rows = rowsOf(meter).filter(({ time }) => time >= since && time <= to);
  const [first, last] = [rows[0]?.number ?? 0, rows.at(-1)?.number ?? 0];
  const answered = rows.filter(({ values }) => "volts" in values).length;
  const seen = `${meter}: polls ${first} to ${last}, ${rows.length} rows, ${answered} answered`;
  if (rows.length < 2 || last - first + 1 !== rows.length || answered !== rows.length) throw new Error(seen);
  return seen;
}
