import { defineCommand } from "../../common/cli/command.ts";
import { SHARED_OPTIONS } from "../../common/cli/option.ts";
import { formatColumns } from "../../common/cli/text.ts";
import { LOCAL_HOST } from "../../common/hosts/known-hosts.ts";
import { fingerprint } from "../../common/hosts/public-key.ts";
import { type HostsOnDisk, readHosts } from "../pairing/known-hosts-file.ts";
import { HOST_FILES } from "../setup/host-files.ts";

export const hosts = defineCommand({
  name: "hosts",
  about: "Lists the hosts whose agents deliver to the aggregator of this one, and the meters that belong to each.",
  options: { json: SHARED_OPTIONS.json },
  examples: [
    ["sudo bmsctl hosts", "as a table"],
    ["sudo bmsctl hosts --json", "one line of JSON per host"],
  ],
  read: ({ values }) => values,
  async run({ json }, { print, createLog }) {
    const disk = readHosts(HOST_FILES);
    const log = createLog("warn", "bmsctl hosts");
    for (const fault of disk.faults) log.warn(`skipped: ${fault}`);
    const facts = hostFacts(disk);
    print(json ? facts.map((host) => `${JSON.stringify(host)}\n`).join("") : hostTable(facts));
    return 0;
  },
});

/** A host as --json prints it; null means unknown. */
export interface HostFacts {
  readonly name: string;
  /** Null for this host. */
  readonly key: string | null;
  readonly meters: readonly string[];
}

/** This host first, then the known ones; last those that own meters and are not known any more. */
export function hostFacts({ hosts, owners }: HostsOnDisk): readonly HostFacts[] {
  const keys = new Map(hosts.map(({ name, publicKey }) => [name, fingerprint(publicKey)]));
  const names = new Set([LOCAL_HOST, ...keys.keys(), ...owners.values()]);
  return [...names].map((name) => ({
    name,
    key: keys.get(name) ?? null,
    meters: [...owners].flatMap(([meter, owner]) => (owner === name ? [meter] : [])).sort(),
  }));
}

export function hostTable(facts: readonly HostFacts[]): string {
  const rows = facts.map(({ name, key, meters }) => [
    name,
    key ?? (name === LOCAL_HOST ? "this host" : "revoked"),
    meters.join(", ") || "-",
  ]);
  const hint = facts.length > 1 ? "" : "no other host delivers here: sudo bmsctl pair\n";
  return `${formatColumns([["name", "key", "meters"], ...rows])}${hint}`;
}
