import { counted, grouped } from "../../common/model/count-text.ts";
import type { Row } from "../csv-rows.ts";

/** Account of one meter's readings. */
export interface MeterBalance {
  readonly meter: string;
  /** Answers of the battery. */
  readonly taken: number;
  /** Readings that have reached every named output; undefined if it is not known. */
  readonly delivered: number | undefined;
}

/** The destination of the rows of a meter. */
export interface Arrivals {
  readonly rows: readonly Row[];
  /** Of these rows, those that stdout has taken; undefined if stdout is not an output. */
  readonly printed: ReadonlySet<Row> | undefined;
  /** Polls of the agent, from its first on, whose rows are accepted by every socket; undefined if it is not known. */
  readonly accepted: number | undefined;
  /** A socket is an output. */
  readonly hasSocket: boolean;
}

/** Readings with a measurement that have reached every named output. Their number is that of the agent's poll. */
export function deliveredReadings({ rows, printed, accepted, hasSocket }: Arrivals): number | undefined {
  if (hasSocket && accepted === undefined) return undefined;
  const arrived = rows.filter(
    (row) => row.online === "1" && (printed?.has(row) ?? true) && (!hasSocket || Number(row.polls) <= (accepted ?? 0)),
  );
  return new Set(arrived.map(({ time }) => time)).size;
}

/** `30 readings taken, 30 delivered to stdout, 0 lost`: never a number that is not known. */
export function balanceLine(meters: readonly Omit<MeterBalance, "meter">[], destination: string): string {
  const taken = meters.reduce((sum, meter) => sum + meter.taken, 0);
  const delivered = meters.every((meter) => meter.delivered !== undefined)
    ? meters.reduce((sum, meter) => sum + (meter.delivered ?? 0), 0)
    : undefined;
  if (delivered === undefined)
    return `${counted(taken, "reading")} taken; how many reached ${destination} is not known`;
  return `${counted(taken, "reading")} taken, ${grouped(delivered)} delivered to ${destination}, ${grouped(taken - delivered)} lost`;
}

/** True if every reading is known to be delivered. */
export function isComplete(meters: readonly Omit<MeterBalance, "meter">[]): boolean {
  return meters.every(({ taken, delivered }) => delivered === taken);
}
