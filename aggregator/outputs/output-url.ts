import { MAX_SOCKET_PATH_BYTES } from "../../common/wire/endpoint.ts";

/** Where rows go: standard output, or a socket on which Telegraf listens. */
export type OutputUrl = "-" | `unix://${string}`;

const UNIX = "unix://";

export function parseOutput(text: string): OutputUrl | undefined {
  if (text === "-") return text;
  const path = socketOf(text);
  const isUsable = path?.startsWith("/") && !path.endsWith("/") && Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES;
  return isUsable ? `unix://${path}` : undefined;
}

/** The path of the socket that an output names. */
export function socketOf(url: string): string | undefined {
  return url.startsWith(UNIX) ? url.slice(UNIX.length) : undefined;
}
