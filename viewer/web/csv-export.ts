import { setImmediate } from "node:timers/promises";
import { formatQuantity, QUANTITY_NAMES, type Quantity } from "../../common/model/quantities.ts";
import type { Reading } from "../../common/model/reading.ts";
import { placeOf } from "../../common/model/site.ts";
import type { History } from "../model/history.ts";

export interface CsvRequest {
  readonly meter: string;
  readonly from: number;
  readonly to: number;
}

/** Readings are read from the history in parts of this length, ms, and other requests are answered in between. */
const PART_MS = 600_000;

/**
 * One header line and one row per reading. The columns are those of the aggregator's CSV, with `utc`, the time in ISO 8601,
 * after `time`. `site` is there if the meter has one. A cell is empty where the reading has no such value. Reads the history twice: the first time for the columns.
 */
export async function* csvExport(request: CsvRequest, history: Pick<History, "readings">): AsyncGenerator<string> {
  const present = new Set<string>();
  for (const { from, to } of parts(request)) {
    for (const { sample } of history.readings(request.meter, from, to)) {
      for (const name of Object.keys(sample)) present.add(name);
    }
    await setImmediate();
  }
  const columns = QUANTITY_NAMES.filter((name) => present.has(name));
  const { site, meter } = placeOf(request.meter);
  yield `${["meter", "time", "utc", ...(site === undefined ? [] : ["site"]), ...columns].join()}\n`;
  for (const { from, to } of parts(request)) {
    let rows = "";
    for (const reading of history.readings(request.meter, from, to))
      rows += csvRow({ ...reading, meter, ...(site !== undefined && { site }) }, columns);
    if (rows !== "") yield rows;
    else await setImmediate();
  }
}

function csvRow({ site, meter, takenAt, sample }: Reading, columns: readonly Quantity[]): string {
  const cells = columns.map((name) => {
    const value = sample[name];
    return value === undefined ? "" : formatQuantity(name, value);
  });
  const place = site === undefined ? [] : [site];
  return `${[meter, takenAt, new Date(takenAt).toISOString(), ...place, ...cells].join()}\n`;
}

function* parts({ from, to }: CsvRequest): Generator<{ from: number; to: number }> {
  for (let at = from; at < to; at += PART_MS) yield { from: at, to: Math.min(to, at + PART_MS) };
}
