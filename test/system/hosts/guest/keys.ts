import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadZeromq } from "../../../../common/wire/zeromq.ts";
import { KNOWN_HOSTS, WORK } from "./paths.ts";

/** The key pair of a host, and the file with its secret key. */
export interface HostKey {
  readonly publicKey: string;
  readonly secretKey: string;
  readonly file: string;
}

export function makeKey(name: string): HostKey {
  const keys = loadZeromq().curveKeyPair();
  const file = join(WORK, `${name}.key`);
  writeFileSync(file, `${keys.secretKey}\n`, { mode: 0o600 });
  return { ...keys, file };
}

/** Adds a host to those that the aggregator knows. */
export function admit(name: string, { publicKey }: HostKey): void {
  writeFileSync(KNOWN_HOSTS, `${name} ${publicKey}\n`, { flag: "a", mode: 0o640 });
}

/** Removes a host from those that the aggregator knows. */
export function revoke(name: string): void {
  const kept = readFileSync(KNOWN_HOSTS, "utf8")
    .split("\n")
    .filter((line) => !line.startsWith(`${name} `));
  writeFileSync(KNOWN_HOSTS, kept.join("\n"));
}
