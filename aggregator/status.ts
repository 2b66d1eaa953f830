import { statusTable } from "../common/cli/status-table.ts";
import type { OutputState } from "./outputs/output.ts";

/** How an aggregator is. Numbers count since it started. */
export interface AggregatorStatus {
  readonly endpoint: string;
  readonly meters: number;
  readonly runs: number;
  /** Readings that were new. */
  readonly taken: number;
  /** Readings that were in hand already, or are to come again. */
  readonly repeated: number;
  /** Messages. */
  readonly refused: number;
  readonly epoch: string;
  readonly outputs: readonly OutputStatus[];
}

export interface OutputStatus {
  readonly name: string;
  readonly isRequired: boolean;
  readonly state: OutputState;
  /** Readings, as are those that follow. */
  readonly written: number;
  readonly waiting: number;
  /** Written in this epoch, and not yet known to be kept. */
  readonly unsettled: number;
}

/** For whoever sends the aggregator SIGUSR1. */
export function formatStatus(status: AggregatorStatus): string {
  const { endpoint, meters, runs, taken, repeated, refused, epoch, outputs } = status;
  return statusTable("bms-aggregator", [
    ["takes at", endpoint],
    ["agents", `${meters} meters, ${runs} runs seen`],
    ["readings", `${taken} taken, ${repeated} repeats`],
    ["messages", `${refused} refused`],
    ["epoch", epoch],
    ...outputs.map((output) => ["output", formatOutput(output)] as const),
  ]);
}

function formatOutput({ name, isRequired, state, written, waiting, unsettled }: OutputStatus): string {
  const rows = `${written} rows written, ${waiting} waiting`;
  return `${name}: ${state}, ${rows}${isRequired ? `, ${unsettled} not settled` : ", nothing waits for it"}`;
}
