import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHostKey, type HostKey as KeyPair } from "../../../../common/hosts/host-key.ts";
import { formatPublicKey } from "../../../../common/hosts/public-key.ts";
import { KNOWN_HOSTS, WORK } from "./paths.ts";

/** The key pair of a host, and the file with its secret key. */
export interface HostKey extends KeyPair {
  readonly file: string;
}

export function makeKey(name: string): HostKey {
  const file = join(WORK, `${name}.key`);
  return { ...createHostKey(file), file };
}

/** Adds a host to those that the aggregator knows. */
export function admit(name: string, { publicKey }: HostKey): void {
  writeFileSync(KNOWN_HOSTS, `${name} ${formatPublicKey(publicKey)}\n`, { flag: "a", mode: 0o640 });
}

/** Removes a host from those that the aggregator knows. */
export function revoke(name: string): void {
  const kept = readFileSync(KNOWN_HOSTS, "utf8")
    .split("\n")
    .filter((line) => !line.startsWith(`${name} `));
  writeFileSync(KNOWN_HOSTS, kept.join("\n"));
}
