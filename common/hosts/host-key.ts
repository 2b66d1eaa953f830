import { chmodSync, closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../runtime/usage-error.ts";
import type { PublicKey } from "./public-key.ts";
import { x25519Pair, x25519PairOf } from "./x25519.ts";
import { decodeZ85 } from "./z85.ts";

/** The CURVE key pair of a host, both in Z85. */
export interface HostKey {
  readonly publicKey: PublicKey;
  readonly secretKey: string;
}

/** The key of this host: its secret in Z85 on the only line. Of root; services get it as a credential. */
export const HOST_KEY_FILE = "/etc/bms/host.key";

const KEY_CHARACTERS = 40;

/** Undefined unless the text is one secret key. */
export function parseHostKey(text: string): HostKey | undefined {
  const secretKey = text.trim();
  const bytes = secretKey.length === KEY_CHARACTERS ? decodeZ85(secretKey) : undefined;
  return bytes && { secretKey, publicKey: x25519PairOf(bytes).publicKey };
}

/** The key in a file. Undefined if there is no file or it is empty. @throws {UsageError} that never contains the key */
export function readHostKey(file: string): HostKey | undefined {
  const text = readText(file).trim();
  if (text === "") return undefined;
  const key = parseHostKey(text);
  if (key) return key;
  throw new UsageError(`${file} does not hold a key of 40 characters: remove it and pair the hosts again`);
}

/**
 * Makes the key of this host, for the owner of the process alone (mode 0600). A file that exists is not replaced: another
 * process may have made it at the same time, and its key is returned.
 */
export function createHostKey(file: string): HostKey {
  const key = x25519Pair();
  const aside = `${file}.${process.pid}.new`;
  try {
    writeFileSync(aside, `${key.secretKey}\n`, { mode: 0o600, flag: "wx", flush: true });
    // Despite a umask that takes the owner's rights.
    chmodSync(aside, 0o600);
    linkSync(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const existing = readHostKey(file);
    if (!existing) throw new UsageError(`${file} is empty: remove it`, { cause: error });
    return existing;
  } finally {
    rmSync(aside, { force: true });
  }
  syncDirectory(dirname(file));
  return key;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "";
    const remedy = code === "EACCES" ? "may not be read by this user: use sudo" : `cannot be read: ${message}`;
    throw new UsageError(`the host's key ${file} ${remedy}`, { cause: error });
  }
}

/** After a power cut the name is still there. */
function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
