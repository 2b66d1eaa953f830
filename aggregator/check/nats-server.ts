import { parseDuration } from "./configuration.ts";

/** A configuration of nats-server at the site, as far as the readings in its stream depend on it. */
export interface NatsServer {
  readonly path: string;
  /** Directory of the streams. */
  readonly storeDirectory?: string;
  /** Time until a stored reading is on the disk, ms. `never` for a time without quotes, which is read as a number. */
  readonly syncMs: number | "never";
}

/** Paths at which packages install it. */
export const NATS_CONFIGURATION: readonly string[] = ["/etc/nats-server.conf", "/etc/nats/nats-server.conf"];

/** The default. Versions before 2.10 have no other. */
const DEFAULT_SYNC_MS = 120_000;

/** Finds two settings of its block `jetstream`. Their names occur nowhere else. */
export function parseNatsServer(path: string, text: string): NatsServer {
  const plain = text.replace(/^\s*\/\/.*$|#.*$/gm, "");
  const [, store] = /\bstore_dir\s*[:=\s]\s*"?([^"\s,}]+)/.exec(plain) ?? [];
  const [, quote, sync] = /\bsync_interval\s*[:=\s]\s*("?)([\w.]+)/.exec(plain) ?? [];
  return { path, ...(store !== undefined && { storeDirectory: store }), syncMs: syncTime(sync, quote !== "") };
}

function syncTime(text: string | undefined, isQuoted: boolean): NatsServer["syncMs"] {
  if (text === undefined) return DEFAULT_SYNC_MS;
  if (text === "always") return 0;
  // 2m without quotes is two million, in seconds.
  return (isQuoted ? parseDuration(text) : undefined) ?? "never";
}
