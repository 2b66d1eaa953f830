import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { SERVICE_FILES } from "../../aggregator/service-settings.ts";
import { HOST_KEY_FILE } from "../../common/hosts/host-key.ts";
import { KNOWN_HOSTS_FILE } from "../../common/hosts/known-hosts.ts";
import { OWNERS_FILE } from "../../common/hosts/meter-owners.ts";
import { replaceFile } from "./replace-file.ts";

/** Files of this machine that decide where readings are delivered, and whose are received. */
export interface HostFiles {
  readonly key: string;
  readonly knownHosts: string;
  readonly owners: string;
  /** Exists while the agents of this host deliver to another one: neither the aggregator nor the page starts. */
  readonly joined: string;
  readonly common: string;
  readonly aggregator: string;
  /** Drop-ins of the package. */
  readonly dropIns: string;
  /** The administrator's units and drop-ins. */
  readonly units: string;
}

export const HOST_FILES: HostFiles = {
  key: HOST_KEY_FILE,
  knownHosts: KNOWN_HOSTS_FILE,
  owners: OWNERS_FILE,
  joined: "/etc/bms/joined",
  ...SERVICE_FILES,
  dropIns: "/usr/share/bms/drop-ins",
  units: "/etc/systemd/system",
};

/** A drop-in that opens the network to a service. */
export interface NetworkDropIn {
  readonly unit: string;
  readonly name: string;
}

export const AGGREGATOR_NETWORK: NetworkDropIn = { unit: "bms-aggregator.service", name: "aggregator-network.conf" };
export const AGENT_NETWORK: NetworkDropIn = { unit: "bms-agent@.service", name: "agent-network.conf" };

export function dropInPath({ unit, name }: NetworkDropIn, { units }: Pick<HostFiles, "units">): string {
  return join(units, `${unit}.d`, name);
}

/** Installs a drop-in of the package. Returns false if it was installed already. */
export function installDropIn(
  dropIn: NetworkDropIn,
  files: Pick<HostFiles, "units" | "dropIns">,
  edit: (text: string) => string = (text) => text,
): boolean {
  const target = dropInPath(dropIn, files);
  mkdirSync(dirname(target), { recursive: true });
  return replaceFile(target, edit(readFileSync(join(files.dropIns, dropIn.name), "utf8")), 0o644);
}

/** Removes a drop-in, and its directory if nothing else is in it. Returns false if it was not installed. */
export function removeDropIn(dropIn: NetworkDropIn, files: Pick<HostFiles, "units">): boolean {
  const target = dropInPath(dropIn, files);
  if (!existsSync(target)) return false;
  rmSync(target);
  try {
    rmdirSync(dirname(target));
  } catch {
    // The administrator has others.
  }
  return true;
}
