import { stat } from "node:fs/promises";
import { connect } from "node:net";

/** Why nobody can be reached at the unix socket of this path, as an error code; undefined where somebody listens. */
export async function probeSocket(path: string): Promise<string | undefined> {
  return (await faultOfFile(path)) ?? (await faultOfConnecting(path));
}

async function faultOfFile(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isSocket() ? undefined : "ENOTSOCK";
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
