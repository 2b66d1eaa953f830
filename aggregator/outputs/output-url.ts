import { MAX_SOCKET_PATH_BYTES } from "../../common/wire/endpoint.ts";

/** A destination as the operator names it: standard output, or a unix socket on which Telegraf listens. */
export type OutputUrl = "-" | `unix://${string}`;

const UNIX = "unix://";

/** Undefined for a text that is not an output. */
export function parseOutput(text: string): OutputUrl | undefined {
  if (text === "-") return text;
  const path = socketOf(text);
  const isUsable = path?.startsWith("/") && !path.endsWith("/") && Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES;
  return isUsable ? `unix://${path}` : undefined;
}

/** The path of an output's socket; undefined for standard output. */
export function socketOf(url: string): string | undefined {
  return url.startsWith(UNIX) ? url.slice(UNIX.length) : undefined;
}
