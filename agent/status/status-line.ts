import { grouped } from "../../common/cli/grouped.ts";

/** How an agent is, in one line for `systemctl status` that `bms-agent list` reads again. */
export interface ServiceStatus {
  /** `connected`, or why not. */
  readonly state: string;
  /** Taken since the agent started. */
  readonly readings: number;
  readonly backlog: number;
  /** Milliseconds since the Unix epoch, to the second; undefined before the first reading. */
  readonly lastAt: number | undefined;
}

/** `connected, 8,412 readings, backlog 0, last 2026-01-02T03:04:05Z` */
export function formatServiceStatus({ state, readings, backlog, lastAt }: ServiceStatus): string {
  const last = lastAt === undefined ? "" : `, last ${formatMoment(lastAt)}`;
  return `${state}, ${grouped(readings)} readings, backlog ${grouped(backlog)}${last}`;
}

/** Undefined for a line of another kind, such as before the first poll. */
export function parseServiceStatus(line: string): ServiceStatus | undefined {
  const found = /^(.*), ([\d,]+) readings, backlog ([\d,]+)(?:, last (\S+))?$/.exec(line);
  if (!found) return undefined;
  const [, state = "", readings = "", backlog = "", last] = found;
  return {
    state,
    readings: Number(readings.replaceAll(",", "")),
    backlog: Number(backlog.replaceAll(",", "")),
    lastAt: last === undefined ? undefined : Date.parse(last),
  };
}

/** To the second, in UTC. */
export function formatMoment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
