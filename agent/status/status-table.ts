import { statusTable } from "../../common/cli/status-table.ts";
import type { SpoolChoice } from "../cli/spool-options.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { DeviceState } from "./device-status.ts";

/** What a status table tells of. */
export interface StatusSources {
  readonly meter: string;
  readonly address: string;
  readonly endpoint: string;
  readonly spool: SpoolChoice | undefined;
  readonly device: Pick<DeviceState, "text" | "driver" | "silentMs">;
  readonly outbox: Pick<Outbox, "latest" | "backlog" | "unsettled" | "dropped" | "spoolBytes" | "epoch">;
}

/** How an agent is, for whoever sends it SIGUSR1. */
export function agentStatus({ meter, address, endpoint, spool, device, outbox }: StatusSources): string {
  const { run, sample } = outbox.latest ?? {};
  const { driver = "driver not known yet", silentMs } = device;
  return statusTable(`bms-agent ${meter}`, [
    ["device", `${address} (${driver})`],
    ["state", device.text],
    ["last answer", silentMs === undefined ? "none yet" : `${(silentMs / 1000).toFixed(1)} s ago`],
    ["polls", `${sample?.polls ?? 0}`],
    ["failures", `${sample?.failures ?? 0}`],
    ["reconnects", `${sample?.reconnects ?? 0}`],
    ["backlog", `${outbox.backlog} not accepted`],
    ["unsettled", `${outbox.unsettled} kept until nobody needs them again`],
    ["dropped", `${outbox.dropped}`],
    ["spool", spool ? `${outbox.spoolBytes} bytes in ${spool.folder} (${spool.when})` : "none: in memory only"],
    ["aggregator", `${endpoint}, ${outbox.epoch ? `epoch ${outbox.epoch}` : "not heard yet"}`],
    ["run", run ?? "nothing taken yet"],
  ]);
}
