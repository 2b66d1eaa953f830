import { accessSync, constants } from "node:fs";
import { dirname, join } from "node:path";

/** Longest path of a unix socket: Linux has 108 bytes for it, including the final NUL. */
export const MAX_SOCKET_PATH_BYTES = 107;
/** Of an endpoint: the aggregator has a second socket beside it, whose name has a dot in front. */
export const MAX_ENDPOINT_PATH_BYTES = MAX_SOCKET_PATH_BYTES - 1;

const PREFIX = "ipc://";

/** The endpoint cannot be used; exit status 1. The message is one sentence with what to do. */
export class EndpointError extends Error {
  override readonly name = "EndpointError";
}

const SERVICE_DIRECTORY = "/run/bms";

/**
 * The endpoint of agents and aggregator without `--endpoint`; both programs compute the same one. It is in `/run/bms` where
 * that exists, for services that share a group, otherwise in the user's runtime directory, otherwise in /tmp.
 *
 * @throws {EndpointError} if `/run/bms` is closed to this user: another endpoint would reach no service
 */
export function defaultEndpoint(
  env: Readonly<Record<string, string | undefined>>,
  uid: number,
  accessTo: (directory: string) => Access = accessOf,
): string {
  const own = env.XDG_RUNTIME_DIR;
  const access = accessTo(SERVICE_DIRECTORY);
  if (access === "denied") {
    throw new EndpointError(
      `${SERVICE_DIRECTORY} is closed to this user: use sudo, join the group bms (sudo usermod -aG bms NAME) and log in again, ` +
        "or give the programs an --endpoint of their own",
    );
  }
  const directory = access === "granted" ? SERVICE_DIRECTORY : own ? join(own, "bms") : `/tmp/bms-${uid}`;
  return `${PREFIX}${join(directory, "readings.sock")}`;
}

/** The endpoint of the live feed without `--feed`: beside the one on which the aggregator receives readings. */
export function feedEndpoint(endpoint: string): string {
  return `${PREFIX}${join(dirname(endpointPath(endpoint)), "live.sock")}`;
}

type Access = "granted" | "denied" | "missing";

function accessOf(directory: string): Access {
  try {
    accessSync(directory, constants.X_OK);
    return "granted";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES" ? "denied" : "missing";
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
  if (bytes > MAX_ENDPOINT_PATH_BYTES) {
    throw new RangeError(
      `endpoint path is ${bytes} bytes long, at most ${MAX_ENDPOINT_PATH_BYTES} fit: choose a shorter one`,
    );
  }
  return path;
}
