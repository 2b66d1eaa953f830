import assert from "node:assert/strict";
import { until } from "../../support/until.ts";
import type { Machine } from "./machines.ts";

/** One stored reading: the number of its poll in the agent's run, and its time, ms since the epoch. */
export interface StoredPoll {
  readonly site: string;
  readonly meter: string;
  readonly poll: number;
  readonly time: number;
}

export type Database = (centre: Machine) => StoredPoll[];

/** Rows in InfluxDB at the centre. */
export const influxDb: Database = ({ run }) => {
  const query = "q=SELECT polls FROM battery GROUP BY site, meter";
  const text = run(`curl -sSfG http://127.0.0.1:8086/query -d db=telegraf -d epoch=ms --data-urlencode '${query}'`);
  const answer: {
    results: { series?: { tags: { site: string; meter: string }; values: [time: number, polls: number][] }[] }[];
  } = JSON.parse(text);
  const series = answer.results.flatMap(({ series = [] }) => series);
  return series.flatMap(({ tags, values }) => values.map(([time, poll]) => ({ ...tags, time, poll })));
};

/** Rows in VictoriaMetrics at the centre. */
export const victoriaMetrics: Database = ({ run }) => {
  const lines = run("curl -sSfG http://127.0.0.1:8428/api/v1/export --data-urlencode 'match[]=battery_polls'").split(
    "\n",
  );
  return lines
    .filter((line) => line !== "")
    .flatMap((line) => {
      const {
        metric,
        values,
        timestamps,
      }: { metric: { site?: string; meter: string }; values: number[]; timestamps: number[] } = JSON.parse(line);
      const { site = "", meter } = metric;
      return values.map((poll, at) => ({ site, meter, poll, time: timestamps[at] ?? 0 }));
    });
};

/** Longest time until the hub asks a site for its readings, and reserve, ms. */
const WITHIN_MS = 200_000;

/** Waits until the database has a reading of the site that was taken after `since`. Returns all of that site. */
export async function arrived(centre: Machine, database: Database, site: string, since = 0): Promise<StoredPoll[]> {
  return await until(
    `readings of ${site} in the database`,
    () => {
      const polls = database(centre).filter((poll) => poll.site === site);
      return polls.some(({ time }) => time > since) && polls;
    },
    WITHIN_MS,
    500,
  );
}

/** Every poll is there, once: each number follows that before it, or is the first of a new run of the agent. Returns their number. */
export function complete(polls: readonly StoredPoll[]): number {
  const numbers = polls.toSorted((a, b) => a.time - b.time).map(({ poll }) => poll);
  const wrong = numbers.filter((poll, at) => poll !== 1 && poll !== (numbers[at - 1] ?? 0) + 1);
  assert.deepEqual(wrong, [], `polls after a gap, or twice, of ${numbers.join(" ")}`);
  return numbers.length;
}
