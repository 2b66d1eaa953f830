import { readFileSync } from "node:fs";
import { type KnownHost, parseKnownHosts } from "../../common/hosts/known-hosts.ts";
import type { PublicKey } from "../../common/hosts/public-key.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import { watchFile } from "./watch-file.ts";

/** The known hosts, as their file has them now. */
export interface HostBook {
  readonly hosts: readonly KnownHost[];
  /** For a key that is not known it looks whether the file has changed: a host that has just been paired is admitted at once. */
  byKey(key: PublicKey): KnownHost | undefined;
  close(): void;
}

/**
 * Reads the file, and again within a second after each change; then calls `changed`. A line that is damaged is logged and
 * skipped. A file that cannot be read changes nothing; one that is missing has no hosts.
 */
export function openHostBook(
  file: string,
  { clock, log, changed }: { readonly clock: Clock; readonly log: Log; changed(): void },
): HostBook {
  let hosts: readonly KnownHost[] = [];
  let byKey: ReadonlyMap<PublicKey, KnownHost> = new Map();

  function read() {
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT") return log.error(`the known hosts cannot be read, so the former ones stay: ${message}`);
      text = "";
    }
    const parsed = parseKnownHosts(text);
    for (const fault of parsed.faults) log.warn(`${file}, ${fault}: the line is skipped`);
    hosts = parsed.hosts;
    byKey = new Map(hosts.map((host) => [host.publicKey, host]));
  }
  read();
  const watch = watchFile(file, clock, () => {
    read();
    changed();
  });
  return {
    get hosts() {
      return hosts;
    },
    byKey(key) {
      if (!byKey.has(key)) watch.look();
      return byKey.get(key);
    },
    close: watch.end,
  };
}
