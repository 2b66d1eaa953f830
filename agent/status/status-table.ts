import { statusTable } from "../../common/cli/text.ts";
import type { AgentStatus } from "../../common/model/status.ts";
import { CLOCK_WORDS, formatState } from "./status-line.ts";

/** The content of a status table. */
export interface StatusTableSources {
  readonly status: AgentStatus;
  readonly run: string;
  readonly endpoint: string;
  readonly spool: { readonly folder: string; readonly when: string } | undefined;
  readonly outbox: {
    readonly unsettled: number;
    readonly spoolBytes: number;
    readonly epoch: string | undefined;
  };
}

/** The status of an agent in full, for SIGUSR1. */
export function agentStatusTable({ status, run, endpoint, spool, outbox }: StatusTableSources): string {
  const { meter, address, driver = "driver not known yet", at, lastReadingAt, readings, failures } = status;
  return statusTable(`bms-agent ${meter}`, [
    ["device", `${address} (${driver})`],
    ["state", formatState(status)],
    ["clock", status.clock ? CLOCK_WORDS[status.clock] : "not checked yet"],
    ["last answer", lastReadingAt === undefined ? "none yet" : `${((at - lastReadingAt) / 1000).toFixed(1)} s ago`],
    ["polls", `${readings + failures}`],
    ["failures", `${failures}`],
    ["reconnects", `${status.reconnects}`],
    ["backlog", `${status.backlog} not accepted`],
    ["unsettled", `${outbox.unsettled} kept until they are settled`],
    ["dropped", `${status.dropped}`],
    ["spool", spool ? `${outbox.spoolBytes} bytes in ${spool.folder} (${spool.when})` : "none: in memory only"],
    ["aggregator", `${endpoint}, ${outbox.epoch ? `epoch ${outbox.epoch}` : "no answer yet"}`],
    ["run", run],
  ]);
}
