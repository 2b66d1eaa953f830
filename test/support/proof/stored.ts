import { QUANTITY_NAMES } from "../../../common/model/quantities.ts";
import { isHealth } from "../../integration/system.ts";
import type { Point } from "../../system/telegraf/point.ts";
import type { Values } from "./polls.ts";

/** A row of the database. */
export interface Stored {
  readonly meter: string;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** Values of the device, without the health of the agent. */
  readonly values: Values;
  /** Number of the poll in its run, from 1; undefined where the column is missing. */
  readonly number: number | undefined;
}

/** The rows of a database, from its points: those of one meter and time are one row. */
export function storedOf(points: readonly Point[]): Stored[] {
  const rows = new Map<string, { meter: string; time: number; all: Record<string, number> }>();
  for (const {
    tags: { meter = "" },
    time,
    fields,
  } of points) {
    const key = `${time} ${meter}`;
    const row = rows.get(key) ?? { meter, time, all: {} };
    for (const [name, value] of Object.entries(fields)) row.all[name] = Number(value.split(" ").at(-1));
    rows.set(key, row);
  }
  return [...rows.values()].map(({ meter, time, all }) => ({
    meter,
    time,
    number: all.polls,
    values: Object.fromEntries(
      QUANTITY_NAMES.flatMap((name) => (all[name] === undefined || isHealth(name) ? [] : [[name, all[name]]])),
    ),
  }));
}
