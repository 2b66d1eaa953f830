import { readFileSync } from "node:fs";
import { storedOf } from "../../../support/proof/stored.ts";
import type { Stored } from "../../../support/proof/verdict.ts";
import { parseLineProtocol } from "../../telegraf/point.ts";
import { eventually } from "./commands.ts";
import { NAMES, ROWS } from "./places.ts";

/** What Telegraf has written of a meter, in the order of time. A line that it is just writing is left out. */
export function rowsOf(meter: string): Stored[] {
  const text = readFileSync(ROWS, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return storedOf(parseLineProtocol(whole))
    .filter((row) => row.meter === meter)
    .sort((a, b) => a.time - b.time);
}

/** Rows in which the battery answered. */
export function measuredSince(meter: string, since: number): Stored[] {
  return rowsOf(meter).filter(({ time, values }) => time >= since && "volts" in values);
}

/** Waits for so many new answers of each. */
export async function readingsFlow(meters: readonly string[] = NAMES, count = 2): Promise<string> {
  const since = Date.now();
  await eventually(`${count} new readings of ${meters.join(", ")}`, async () =>
    meters.every((meter) => measuredSince(meter, since).length >= count),
  );
  return meters.map((meter) => `${measuredSince(meter, since).length} of ${meter}`).join(", ");
}

/** Of one run from `since` to `to`: each poll has its row, and each was answered. @throws {Error} where one has not */
export function lostNoPoll(meter: string, since: number, to: number): string {
  const rows = rowsOf(meter).filter(({ time }) => time >= since && time <= to);
  const [first, last] = [rows[0]?.number ?? 0, rows.at(-1)?.number ?? 0];
  const answered = rows.filter(({ values }) => "volts" in values).length;
  const seen = `${meter}: polls ${first} to ${last}, ${rows.length} rows, ${answered} answered`;
  if (rows.length < 2 || last - first + 1 !== rows.length || answered !== rows.length) throw new Error(seen);
  return seen;
}
