import { grouped } from "../cli/grouped.ts";

/** How an aggregator is, in one line for `systemctl status` that the doctor reads again. */
export interface AggregatorSummary {
  readonly meters: number;
  /** Readings since it started. */
  readonly taken: number;
  readonly outputs: readonly { readonly name: string; readonly state: string; readonly waiting: number }[];
}

const OPEN = "open";

/** `3 meters, 8,412 readings, unix:///run/telegraf/bms.sock is open` */
export function formatAggregatorStatus({ meters, taken, outputs }: AggregatorSummary): string {
  const states = outputs.map(({ name, state, waiting }) => {
    const waits = waiting > 0 && state !== OPEN ? `, ${grouped(waiting)} wait` : "";
    return `${name} is ${state}${waits}`;
  });
  return [`${grouped(meters)} meters`, `${grouped(taken)} readings`, ...states].join(", ");
}

/** The outputs that are not written to, by such a line; none by a line of another kind. */
export function outputsAway(line: string): string[] {
  return [...line.matchAll(/, (\S+) is (\w+)/g)].flatMap(([, name = "", state]) => (state === OPEN ? [] : name));
}
