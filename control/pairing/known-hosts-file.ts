import { chownSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import {
  type KnownHost,
  LOCAL_HOST,
  parseKnownHosts,
  removeKnownHost,
  renameKnownHost,
} from "../../common/hosts/known-hosts.ts";
import { appendOwner, isOwner, parseOwners } from "../../common/hosts/meter-owners.ts";
import { FULL_NAME_RULE, isFullName } from "../../common/model/site.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import type { HostFiles } from "../setup/host-files.ts";
import { replaceFile, textOf } from "../setup/replace-file.ts";

type Files = Pick<HostFiles, "knownHosts" | "owners">;

export interface HostsOnDisk {
  readonly hosts: readonly KnownHost[];
  /** Full name of a meter → name of its host. */
  readonly owners: ReadonlyMap<string, string>;
  /** Lines that are skipped, with their files and numbers. */
  readonly faults: readonly string[];
}

/** The known hosts and the owners of meters. @throws {UsageError} if this user may not read them */
export function readHosts({ knownHosts, owners }: Files): HostsOnDisk {
  const known = parseKnownHosts(readableText(knownHosts));
  const owned = parseOwners(readableText(owners));
  const faults = [
    ...known.faults.map((fault) => `${knownHosts} ${fault}`),
    ...owned.faults.map((fault) => `${owners} ${fault}`),
  ];
  return { hosts: known.hosts, owners: owned.owners, faults };
}

/** The aggregator closes its connections within a second. @throws {UsageError} */
export function revokeHost(name: string, files: Files): void {
  requireKnown(name, files);
  replaceFile(files.knownHosts, removeKnownHost(textOf(files.knownHosts), name), 0o644);
}

/** Its meters follow it. @throws {UsageError} */
export function renameHost(name: string, newName: string, files: Files): void {
  requireKnown(name, files);
  const { hosts, owners } = readHosts(files);
  if (!isOwner(newName) || newName === LOCAL_HOST)
    throw new UsageError(`${JSON.stringify(newName)} cannot be the name of a host`);
  if (hosts.some((host) => host.name === newName)) throw new UsageError(`another host is known as ${newName}`);
  replaceFile(files.knownHosts, renameKnownHost(textOf(files.knownHosts), name, newName), 0o644);
  for (const [meter, owner] of owners) if (owner === name) append(meter, newName, files);
}

/** The meter belongs to the host from its next delivery on. @throws {UsageError} */
export function moveMeter(meter: string, host: string, files: Files): void {
  if (!isFullName(meter))
    throw new UsageError(`${JSON.stringify(meter)} is not the name of a meter: expected ${FULL_NAME_RULE}`);
  if (host !== LOCAL_HOST) requireKnown(host, files);
  append(meter, host, files);
}

function requireKnown(name: string, files: Files): void {
  const { hosts } = readHosts(files);
  if (hosts.some((host) => host.name === name)) return;
  const known = hosts.map((host) => host.name).join(", ") || "none";
  throw new UsageError(`no host is known as ${JSON.stringify(name)}; there are: ${known}`);
}

/** Appends for the aggregator, whose file it is, also if it has not written there yet. */
function append(meter: string, host: string, { owners }: Files): void {
  const isNew = !existsSync(owners);
  if (isNew) mkdirSync(dirname(owners), { recursive: true });
  appendOwner(owners, meter, host);
  if (!isNew) return;
  const { uid, gid } = statSync(dirname(owners));
  chownSync(owners, uid, gid);
}

function readableText(file: string): string {
  try {
    return textOf(file);
  } catch (error) {
    throw new UsageError(`this user may not read ${file}: use sudo`, { cause: error });
  }
}
