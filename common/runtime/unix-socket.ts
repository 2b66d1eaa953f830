import { access, constants, stat } from "node:fs/promises";
import { connect } from "node:net";

/** Why nobody can be reached at the unix socket of this path, as an error code; undefined where somebody listens. */
export async function probeSocket(path: string): Promise<string | undefined> {
  return (await probeSocketFile(path)) ?? (await faultOfConnecting(path));
}

/** The same, as far as it can be told without disturbing anybody: undefined where there is a socket that may be used. */
export async function probeSocketFile(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isSocket()) return "ENOTSOCK";
    await access(path, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unknown";
  }
}

function faultOfConnecting(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("error", ({ code = "unknown" }: NodeJS.ErrnoException) => resolve(code));
    socket.once("connect", () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}
