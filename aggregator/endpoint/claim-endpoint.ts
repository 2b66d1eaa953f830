import { lstatSync, mkdirSync, realpathSync, type Stats } from "node:fs";
import { connect } from "node:net";
import { basename, dirname, join } from "node:path";
import { pathLocks } from "../../common/runtime/machine-locks.ts";
import type { ProcessLock } from "../../common/runtime/process-lock.ts";
import { EndpointError } from "../../common/wire/endpoint.ts";
import { type EndpointTrust, trustEndpoint } from "../../common/wire/endpoint-trust.ts";

/** The option by which the operator chooses the endpoint, for error messages. */
export type EndpointOption = "--endpoint" | "--feed";

type TrustOwner = (path: string, uid: number) => EndpointTrust;

/**
 * Makes sure that no other program listens at this path and that no other file is there. Call it before ZeroMQ binds the
 * path, which would silently replace the socket of a running aggregator, or any file.
 *
 * @throws {EndpointError}
 */
export async function claimEndpoint(
  path: string,
  option: EndpointOption,
  trust: TrustOwner = trustEndpoint,
): Promise<ProcessLock> {
  const directory = prepareDirectory(dirname(path), option);
  const trusted = trust(path, process.getuid?.() ?? 0);
  if ("fault" in trusted) throw new EndpointError(`${trusted.fault}: choose another ${option}`);
  const claimed = await pathLocks().exclusive(`endpoint ${join(directory, basename(path))}`);
  if (!claimed)
    throw new EndpointError(`another bms-aggregator is listening on ${path}: stop it, or choose another ${option}`);
  try {
    await checkVacant(path, option);
    return claimed;
  } catch (error) {
    await claimed.release();
    throw error;
  }
}

/** Returns the directory's real path. Creates its last part if missing, for this user alone. */
function prepareDirectory(directory: string, option: EndpointOption): string {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST")
      throw new EndpointError(
        `${directory} does not exist and cannot be created (${code}): create it, or choose another ${option}`,
        { cause: error },
      );
  }
  return realpathSync(directory);
}

/** Translates an error of binding or opening the socket at `path` to this program's group. */
export function bindError(path: string, option: EndpointOption, error: unknown): EndpointError {
  const { code = "unknown error" } = error as NodeJS.ErrnoException;
  const mayNot = code === "EACCES" || code === "EPERM" || code === "EROFS";
  const why = mayNot ? `this user may not create a socket in ${dirname(path)}` : `the socket cannot be created`;
  return new EndpointError(`cannot listen on ${path}, ${why} (${code}): choose another ${option}`, { cause: error });
}

/** @throws {EndpointError} */
async function checkVacant(path: string, option: EndpointOption): Promise<void> {
  const info = fileAt(path);
  if (!info) return;
  if (!info.isSocket()) {
    throw new EndpointError(`${path} is not a socket and will not be replaced: remove it, or choose another ${option}`);
  }
  if (await acceptsConnections(path)) {
    throw new EndpointError(`another program is listening on ${path}: stop it, or choose another ${option}`);
  }
}

/** Undefined also for a path that may not be looked at: binding it then fails, and that error names the remedy. */
function fileAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function acceptsConnections(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "ECONNREFUSED" && code !== "ENOENT"));
  });
}
