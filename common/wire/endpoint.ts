import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Linux keeps 108 bytes for the path of a unix socket, its final NUL included. */
export const MAX_SOCKET_PATH_BYTES = 107;

const PREFIX = "ipc://";

/**
 * Where agents and aggregator meet when no `--endpoint` is given; both programs compute the same. `/run/bms` for services
 * that share a group, else the user's own runtime folder, else one in /tmp.
 */
export function defaultEndpoint(
  env: Readonly<Record<string, string | undefined>>,
  uid: number,
  mayEnter: (folder: string) => boolean = isEnterable,
): string {
  const own = env.XDG_RUNTIME_DIR;
  const folder = mayEnter("/run/bms") ? "/run/bms" : own ? join(own, "bms") : `/tmp/bms-${uid}`;
  return `${PREFIX}${join(folder, "readings.sock")}`;
}

function isEnterable(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The path of the socket that an endpoint names.
 *
 * @throws {RangeError} where it is none, with a sentence for whoever typed it.
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
