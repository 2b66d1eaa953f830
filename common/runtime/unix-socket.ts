import { accessSync, constants, statSync } from "node:fs";
import { connect } from "node:net";

/** Connects to a unix socket. Returns an error code such as ECONNREFUSED, or undefined if a program listens. */
export async function probeSocket(path: string): Promise<string | undefined> {
  return probeSocketFile(path) ?? (await connectError(path));
}

/** Checks a unix socket without connecting. Returns an error code, or undefined if the path is a socket that may be used. */
export function probeSocketFile(path: string): string | undefined {
  try {
    if (!statSync(path).isSocket()) return "ENOTSOCK";
    accessSync(path, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unknown";
  }
}

function connectError(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("error", ({ code = "unknown" }: NodeJS.ErrnoException) => resolve(code));
    socket.once("connect", () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}
