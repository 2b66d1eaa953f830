import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Longest path of a unix socket: Linux has 108 bytes for it, including the final NUL. */
export const MAX_SOCKET_PATH_BYTES = 107;

const PREFIX = "ipc://";

/**
 * The endpoint of agents and aggregator without `--endpoint`; both programs compute the same one. It is in `/run/bms` for
 * services that share a group, otherwise in the user's runtime directory, otherwise in /tmp.
 */
export function defaultEndpoint(
  env: Readonly<Record<string, string | undefined>>,
  uid: number,
  mayEnter: (directory: string) => boolean = isEnterable,
): string {
  const own = env.XDG_RUNTIME_DIR;
  const directory = mayEnter("/run/bms") ? "/run/bms" : own ? join(own, "bms") : `/tmp/bms-${uid}`;
  return `${PREFIX}${join(directory, "readings.sock")}`;
}

function isEnterable(directory: string): boolean {
  try {
    accessSync(directory, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The path of an endpoint's socket.
 *
 * @throws {RangeError} if it is not a valid endpoint, with a message for the operator
 */
export function endpointPath(endpoint: string): string {
  const path = endpoint.startsWith(PREFIX) ? endpoint.slice(PREFIX.length) : "";
  if (!path.startsWith("/") || path.endsWith("/") || path.includes("\0")) {
    throw new RangeError(`endpoint "${endpoint}" is not of the form ipc:///path/to/socket`);
  }
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_SOCKET_PATH_BYTES) {
    throw new RangeError(
      `endpoint path is ${bytes} bytes long, Linux allows ${MAX_SOCKET_PATH_BYTES}: choose a shorter one`,
    );
  }
  return path;
}
