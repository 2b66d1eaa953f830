import { statusTable } from "../common/cli/text.ts";
import { counted, grouped } from "../common/model/count-text.ts";
import { type AggregatorStatus, type FeedStatus, type HostStatus, STATUS_VERSION } from "../common/model/status.ts";
import type { OutputState } from "./outputs/output.ts";

/** State of an aggregator. Numbers count since its start. */
export interface AggregatorDetails {
  readonly meters: number;
  readonly runs: number;
  /** New readings. */
  readonly readings: number;
  /** Readings that had been received before, or that will be sent again. */
  readonly repeats: number;
  /** New readings timed more than 5 minutes ahead of this machine's clock. */
  readonly ahead: number;
  /** Rejected messages and connections by kind. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly epoch: string;
  readonly outputs: readonly OutputDetails[];
  /** Undefined while there is no live feed. */
  readonly feed?: FeedStatus | undefined;
  /** Undefined while readings come from this machine only. */
  readonly hosts?: readonly HostStatus[] | undefined;
}

export interface OutputDetails {
  readonly name: string;
  readonly isRequired: boolean;
  readonly state: OutputState;
  /** Readings, as in the fields below. */
  readonly written: number;
  readonly waiting: number;
  /** Written in this epoch and not settled. */
  readonly unsettled: number;
}

/** The content of status.json. `at`: ms since the Unix epoch. */
export function aggregatorStatus(details: AggregatorDetails, endpoint: string, at: number): AggregatorStatus {
  const { meters, readings, ahead, rejected, feed, hosts } = details;
  const outputs = details.outputs.map(({ name, state, waiting }) => ({ name, state, waiting }));
  return {
    version: STATUS_VERSION,
    program: "bms-aggregator",
    at,
    endpoint,
    meters,
    readings,
    ahead,
    outputs,
    rejected,
    ...(feed && { feed }),
    ...(hosts && { hosts }),
  };
}

/** One line for `systemctl status`: `3 meters, 8,412 readings, unix:///run/telegraf/bms.sock is open` */
export function formatStatusLine({
  meters,
  readings,
  outputs,
}: Pick<AggregatorStatus, "meters" | "readings" | "outputs">): string {
  const states = outputs.map(({ name, state, waiting }) => {
    const queue = waiting > 0 && state !== "open" ? `, ${grouped(waiting)} waiting` : "";
    return `${name} is ${state}${queue}`;
  });
  return [counted(meters, "meter"), counted(readings, "reading"), ...states].join(", ");
}

/** The table that SIGUSR1 prints. */
export function formatStatusTable(details: AggregatorDetails, endpoint: string): string {
  const { meters, runs, readings, repeats, ahead, rejected, epoch, outputs, feed, hosts = [] } = details;
  const rejections = Object.values(rejected).reduce((sum, count) => sum + count, 0);
  return statusTable("bms-aggregator", [
    ["endpoint", endpoint],
    ["agents", `${counted(meters, "meter")}, ${counted(runs, "run")} seen`],
    ["readings", `${readings} received, ${repeats} repeats, ${ahead} ahead of the clock`],
    ["messages", `${rejections} rejected`],
    ["epoch", epoch],
    ...outputs.map((output) => ["output", formatOutput(output)] as const),
    ...hosts.map((host) => ["host", formatHost(host)] as const),
    ["live feed", feed ? `${counted(feed.subscribers, "subscriber")}, ${feed.published} readings published` : "none"],
  ]);
}

function formatHost({ name, connections, meters, readings, clockAheadMs }: HostStatus): string {
  const links = connections === undefined ? [] : [counted(connections, "connection")];
  const seconds = Math.abs(Math.round((clockAheadMs ?? 0) / 1000));
  const clock = clockAheadMs === undefined ? [] : [`clock ${seconds} s ${clockAheadMs > 0 ? "ahead" : "behind"}`];
  return `${name}: ${[...links, counted(meters, "meter"), `${grouped(readings)} readings`, ...clock].join(", ")}`;
}

function formatOutput({ name, isRequired, state, written, waiting, unsettled }: OutputDetails): string {
  const rows = `${written} rows written, ${waiting} waiting`;
  return `${name}: ${state}, ${rows}${isRequired ? `, ${unsettled} unsettled` : ", nothing waits for it"}`;
}

/** The last line of the log: the readings received, and the rows written to each output. */
export function closingLine({ readings, outputs }: Pick<AggregatorDetails, "readings" | "outputs">): string {
  const written = outputs.map(({ name, written }) => `${grouped(written)} written to ${name}`);
  return [`${counted(readings, "reading")} received`, ...written].join(", ");
}
