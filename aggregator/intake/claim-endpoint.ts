import { lstat, mkdir, realpath } from "node:fs/promises";
import { connect } from "node:net";
import { basename, dirname, join } from "node:path";
import { type Claim, claim } from "../../common/runtime/process-lock.ts";

/** The endpoint cannot be ours. The message is for the operator: why, and what to do. */
export class EndpointError extends Error {
  override readonly name = "EndpointError";
}

/**
 * Makes sure that nobody else takes readings at this path and that nothing of worth stands there, before ZeroMQ binds it:
 * that would take over the socket of a living aggregator, and delete a file, without a word.
 *
 * @throws {EndpointError}
 */
export async function claimEndpoint(path: string): Promise<Claim> {
  const folder = await prepareFolder(dirname(path));
  const claimed = await claim(`endpoint ${join(folder, basename(path))}`);
  if (!claimed)
    throw new EndpointError(`another bms-aggregator takes readings at ${path}: stop it, or choose another --endpoint`);
  try {
    await checkVacant(path);
    return claimed;
  } catch (error) {
    await claimed.release();
    throw error;
  }
}

/** The folder's real path. A missing last part is made, for us alone. */
async function prepareFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST")
      throw new EndpointError(
        `${folder} is not there and cannot be made (${code}): make it, or choose another --endpoint`,
        { cause: error },
      );
  }
  const info = await lstat(folder);
  // In /tmp anybody may make a folder with our name, and would then get our readings.
  if (dirname(folder) === "/tmp" && info.uid !== process.getuid?.()) {
    throw new EndpointError(`${folder} belongs to another user: remove it, or choose another --endpoint`);
  }
  return realpath(folder);
}

/** @throws {EndpointError} */
async function checkVacant(path: string): Promise<void> {
  const info = await lstat(path).catch(() => undefined);
  if (!info) return;
  if (!info.isSocket()) {
    throw new EndpointError(
      `${path} is not a socket and will not be replaced: remove it, or choose another --endpoint`,
    );
  }
  if (await isAnswered(path)) {
    throw new EndpointError(`another program listens at ${path}: stop it, or choose another --endpoint`);
  }
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "ECONNREFUSED" && code !== "ENOENT"));
  });
}
