import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { quoted } from "../model/printable.ts";
import { FULL_NAME_RULE, isFullName } from "../model/site.ts";
import { HOST_NAME_RULE, isHostName, LOCAL_HOST } from "./known-hosts.ts";

/** Full name of a meter → name of the host that owns it. */
export type MeterOwners = ReadonlyMap<string, string>;

export interface ParsedOwners {
  readonly owners: MeterOwners;
  /** Of lines that are skipped, with their numbers. */
  readonly faults: readonly string[];
}

/** In the state directory of the aggregator: a line `METER HOST` for each change; the last one of a meter is in force. */
export const OWNERS_FILE = "/var/lib/bms/aggregator/meters";

const NEWLINE = 0x0a;
/** Makes a line invalid whose end was lost: a host's name could have lost its last characters. */
const TORN = " ?\n";

export function isOwner(host: string): boolean {
  return host === LOCAL_HOST || isHostName(host);
}

/** A line without its newline is not complete and is left out. */
export function parseOwners(text: string): ParsedOwners {
  const owners = new Map<string, string>();
  const faults: string[] = [];
  for (const [index, line] of text.split("\n").slice(0, -1).entries()) {
    if (line.trim() === "") continue;
    // The name of a meter may have blanks.
    const [, meter = "", host = ""] = /^(.*)\s(\S+)\s*$/.exec(line) ?? [];
    const fault = faultOf(meter, host);
    if (fault === undefined) owners.set(meter, host);
    else faults.push(`line ${index + 1}: ${fault}`);
  }
  return { owners, faults };
}

function faultOf(meter: string, host: string): string | undefined {
  if (!isFullName(meter)) return `the meter ${quoted(meter)} is not ${FULL_NAME_RULE}`;
  return isOwner(host) ? undefined : `the host ${quoted(host)} is not ${HOST_NAME_RULE}`;
}

/** Appends a line to the file, which is made if it does not exist, and waits until it is on disk. */
export function appendOwner(file: string, meter: string, host: string): void {
  const descriptor = openSync(file, "a+", 0o640);
  try {
    const { size } = fstatSync(descriptor);
    const last = new Uint8Array(1);
    if (size > 0) readSync(descriptor, last, 0, 1, size - 1);
    const end = size === 0 || last[0] === NEWLINE ? "" : TORN;
    // One write, as another process may append as well.
    writeSync(descriptor, `${end}${meter} ${host}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The command that moves a meter, as it is typed into a shell on the aggregator's host. */
export function moveCommand(meter: string, host: string): string {
  return `sudo bmsctl hosts move ${meter.includes(" ") ? `'${meter}'` : meter} ${host}`;
}
