import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LOCAL_HOST } from "../../common/hosts/known-hosts.ts";
import { appendOwner, parseOwners } from "../../common/hosts/meter-owners.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import { identityOf, watchFile } from "./watch-file.ts";

/** The host of each meter: the one that first delivered it, until it is moved by hand. */
export interface Ownership {
  /** The owner of a meter, by its full name. A meter without one belongs to `host` from here on. Undefined: `host` has too many. */
  ownerOf(meter: string, host: string): string | undefined;
  /** Takes over, from here on within a second, what is changed in the file. Returns the function that ends it. */
  watch(clock: Clock): () => void;
  /** Meters that belong to a host. */
  countOf(host: string): number;
}

/** Meters of one host over the network: a stolen key fills no memory. */
const MAX_METERS_EACH = 512;
const MAX_METERS = 4_096;

const FILE = "meters";

/** Keeps owners in a state directory; without one, or where it cannot be written, in memory only. */
export function openOwnership(stateDirectory: string | undefined, log: Log): Ownership {
  const file = stateDirectory === undefined ? undefined : join(stateDirectory, FILE);
  let owners = new Map<string, string>();
  let seen = "";
  let isFailed = false;
  /** Faults that were logged. */
  const known = new Set<string>();

  function refresh() {
    if (file === undefined) return;
    const identity = identityOf(file);
    if (identity === seen) return;
    seen = identity;
    try {
      const parsed = parseOwners(identity === "" ? "" : readFileSync(file, "utf8"));
      for (const fault of parsed.faults.filter((each) => !known.has(each))) {
        known.add(fault);
        log.warn(`${file}, ${fault}: the line is skipped`);
      }
      owners = new Map(parsed.owners);
    } catch (error) {
      fail(error);
    }
  }
  function record(meter: string, host: string) {
    owners.set(meter, host);
    if (file === undefined || isFailed) return;
    try {
      appendOwner(file, meter, host);
    } catch (error) {
      fail(error);
    }
  }
  function fail(error: unknown) {
    isFailed = true;
    const remedy = "make room or repair its directory, and restart bms-aggregator";
    log.error(`the owners of meters are not kept over a restart: ${file}: ${(error as Error).message}: ${remedy}`);
  }
  function countOf(host: string) {
    let count = 0;
    for (const owner of owners.values()) if (owner === host) count += 1;
    return count;
  }
  refresh();
  return {
    ownerOf(meter, host) {
      if (owners.get(meter) !== host) refresh();
      const owner = owners.get(meter);
      if (owner !== undefined) return owner;
      const most = host === LOCAL_HOST ? MAX_METERS : MAX_METERS_EACH;
      if (host !== LOCAL_HOST && countOf(host) >= most) return undefined;
      // Beyond what is remembered a meter of this machine belongs to nobody: nothing of it is lost.
      if (owners.size < MAX_METERS) record(meter, host);
      return host;
    },
    watch: (clock) => (file === undefined ? () => {} : watchFile(file, clock, refresh).end),
    countOf,
  };
}
