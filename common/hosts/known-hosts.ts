import { quoted } from "../model/printable.ts";
import { formatPublicKey, PUBLIC_KEY_RULE, type PublicKey, parsePublicKey } from "./public-key.ts";

/** A host whose agents may deliver. */
export interface KnownHost {
  readonly name: string;
  readonly publicKey: PublicKey;
}

export interface KnownHosts {
  readonly hosts: readonly KnownHost[];
  /** Of lines that are skipped, with their numbers. */
  readonly faults: readonly string[];
}

/** A line `NAME PUBLICKEY` for each host; a comment begins with `#`. */
export const KNOWN_HOSTS_FILE = "/etc/bms/hosts";

/** The aggregator's own computer, whose agents use the unix socket. */
export const LOCAL_HOST = "local";

const NAME = /^[A-Za-z0-9_-]{1,32}$/;

/** The rule of `isHostName`, for error messages. */
export const HOST_NAME_RULE = `up to 32 letters a to z, digits, _ or -, and not ${LOCAL_HOST}`;

/** Checks the name of another host. */
export function isHostName(name: string): boolean {
  return NAME.test(name) && name !== LOCAL_HOST;
}

/** The hosts of a known-hosts file. A line that is damaged, or repeats a name or a key, is reported and skipped. */
export function parseKnownHosts(text: string): KnownHosts {
  const hosts: KnownHost[] = [];
  const faults: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (isComment(line)) continue;
    const host = parseLine(line);
    const fault = typeof host === "string" ? host : repetition(host, hosts);
    if (typeof host === "object" && fault === undefined) hosts.push(host);
    else faults.push(`line ${index + 1}: ${fault}`);
  }
  return { hosts, faults };
}

/** The file with one host more, as its last line. */
export function addKnownHost(text: string, { name, publicKey }: KnownHost): string {
  const before = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return `${before}${name} ${formatPublicKey(publicKey)}\n`;
}

/** The file without any line of a host. */
export function removeKnownHost(text: string, name: string): string {
  return editLines(text, (line) => (nameOf(line) === name ? undefined : line));
}

/** The file with another name for a host. */
export function renameKnownHost(text: string, name: string, newName: string): string {
  return editLines(text, (line) => (nameOf(line) === name ? line.replace(name, newName) : line));
}

function editLines(text: string, edit: (line: string) => string | undefined): string {
  return text
    .split("\n")
    .map(edit)
    .filter((line) => line !== undefined)
    .join("\n");
}

/** The name in a line, valid or not. */
function nameOf(line: string): string | undefined {
  return isComment(line) ? undefined : line.trim().split(/\s+/)[0];
}

function isComment(line: string): boolean {
  return /^\s*(#|$)/.test(line);
}

/** The host of a line, or why it has none. */
function parseLine(line: string): KnownHost | string {
  const [name = "", key = "", ...more] = line.trim().split(/\s+/);
  if (!isHostName(name)) return `the name ${quoted(name)} is not ${HOST_NAME_RULE}`;
  const publicKey = parsePublicKey(key);
  if (publicKey === undefined) return `the key of ${name} is not ${PUBLIC_KEY_RULE}`;
  return more.length === 0 ? { name, publicKey } : `there is more behind the key of ${name}`;
}

function repetition({ name, publicKey }: KnownHost, hosts: readonly KnownHost[]): string | undefined {
  const same = hosts.find((host) => host.name === name || host.publicKey === publicKey);
  if (!same) return undefined;
  return same.name === name ? `there is another line for ${name}` : `the key of ${name} is also that of ${same.name}`;
}
