import { formatTime } from "../../agent/status/status-line.ts";
import { defineCommand } from "../../common/cli/command.ts";
import { SHARED_OPTIONS } from "../../common/cli/option.ts";
import { formatAge, formatColumns } from "../../common/cli/text.ts";
import { LOCAL_HOST } from "../../common/hosts/known-hosts.ts";
import { fingerprint } from "../../common/hosts/public-key.ts";
import { grouped } from "../../common/model/count-text.ts";
import type { HostStatus } from "../../common/model/status.ts";
import { type HostsOnDisk, readHosts } from "../pairing/known-hosts-file.ts";
import { aggregatorStatus } from "../setup/aggregator-status.ts";
import { HOST_FILES } from "../setup/host-files.ts";

export const hosts = defineCommand({
  name: "hosts",
  about: `Lists the hosts whose agents deliver to the aggregator of this one: the fingerprint of the key, connected since when, readings
since the aggregator's start, the difference of the clocks if it is more than 5 s, and the meters that belong to each.`,
  options: { json: SHARED_OPTIONS.json },
  examples: [
    ["sudo bmsctl hosts", "as a table"],
    ["sudo bmsctl hosts --json", "one line of JSON per host"],
  ],
  read: ({ values }) => values,
  async run({ json }, { clock, print, createLog }) {
    const disk = readHosts(HOST_FILES);
    const log = createLog("warn", "bmsctl hosts");
    for (const fault of disk.faults) log.warn(`skipped: ${fault}`);
    const facts = hostFacts(disk, aggregatorStatus()?.hosts);
    print(json ? facts.map((host) => `${JSON.stringify(host)}\n`).join("") : hostTable(facts, clock.now()));
    return 0;
  },
});

/** A host as --json prints it; null means unknown. */
export interface HostFacts {
  readonly name: string;
  /** Its fingerprint. Null for this host, and for one that is revoked. */
  readonly key: string | null;
  /** False for a host that owns meters and is not known any more. */
  readonly known: boolean;
  /** Null for this host. */
  readonly connections: number | null;
  readonly connectedSince: string | null;
  readonly meters: readonly string[];
  /** New readings since the aggregator's start. */
  readonly readings: number | null;
  readonly last: string | null;
  /** Seconds by which its clock is ahead of this one. Null while they agree within 5 s. */
  readonly clockAhead: number | null;
}

/** This host first, then the known ones; last those that own meters and are not known any more. */
export function hostFacts(
  { hosts, owners }: HostsOnDisk,
  running: readonly HostStatus[] | undefined,
): readonly HostFacts[] {
  const keys = new Map(hosts.map(({ name, publicKey }) => [name, fingerprint(publicKey)]));
  const names = new Set([LOCAL_HOST, ...keys.keys(), ...owners.values()]);
  return [...names].map((name) => {
    const status = running?.find((host) => host.name === name);
    return {
      name,
      key: keys.get(name) ?? null,
      known: name === LOCAL_HOST || keys.has(name),
      connections: status?.connections ?? null,
      connectedSince: timeOf(status?.connectedSince),
      meters: [...owners].flatMap(([meter, owner]) => (owner === name ? [meter] : [])).sort(),
      readings: status?.readings ?? null,
      last: timeOf(status?.lastAt),
      clockAhead: status?.clockAheadMs === undefined ? null : Math.round(status.clockAheadMs / 1000),
    };
  });
}

const COLUMNS = ["name", "key", "connected", "readings", "last", "clock", "meters"] as const;

export function hostTable(facts: readonly HostFacts[], now: number): string {
  const ago = (time: string | null) => formatAge(Math.max(0, (now - Date.parse(time ?? "")) / 1000));
  const rows = facts.map(({ name, key, known, connections, connectedSince, meters, readings, last, clockAhead }) => [
    name,
    key ?? (known ? "this host" : "revoked"),
    connectedSince === null ? (connections === 0 ? "no" : "-") : `for ${ago(connectedSince)}`,
    readings === null ? "-" : grouped(readings),
    last === null ? "-" : `${ago(last)} ago`,
    clockAhead === null ? "-" : formatClock(clockAhead),
    meters.join(", ") || "-",
  ]);
  const hint = facts.length > 1 ? "" : "no other host delivers here: sudo bmsctl pair\n";
  return `${formatColumns([COLUMNS, ...rows])}${hint}`;
}

/** Seconds by which a clock is ahead of this one. */
function formatClock(ahead: number): string {
  return ahead < 0 ? `${formatAge(-ahead)} behind` : `${formatAge(ahead)} ahead`;
}

function timeOf(at: number | undefined): string | null {
  return at === undefined ? null : formatTime(at);
}
