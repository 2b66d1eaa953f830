import { type Stored, storedOf } from "../../../support/proof/stored.ts";
import { newestRowsOf, pointsOf } from "../../machine/telegraf-rows.ts";
import { eventually } from "./commands.ts";
import { NAMES, ROWS } from "./paths.ts";

/** Telegraf's rows of a meter, ordered by time. A line that is still being written is left out. */
export function rowsOf(meter: string): Stored[] {
  return storedOf(pointsOf(ROWS))
    .filter((row) => row.meter === meter)
    .sort((a, b) => a.time - b.time);
}

/** Time of the newest row of each meter that has one among the last rows, which is cheap. */
export const newestRows = () => newestRowsOf(ROWS);

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
