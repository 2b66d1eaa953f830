import { stat } from "node:fs/promises";
import { connect } from "node:net";
import { type OutputUrl, socketOf } from "./output-url.ts";
import { explainSocketFault } from "./sinks/socket-fault.ts";

/** What is wrong with an output, as one sentence that says what to do; undefined where it can be written to. */
export async function checkOutput(url: OutputUrl): Promise<string | undefined> {
  const path = socketOf(url);
  if (path === undefined) return undefined;
  const fault = (await faultOfFile(path)) ?? (await faultOfConnecting(path));
  return fault && explainSocketFault(fault, path);
}

async function faultOfFile(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isSocket() ? undefined : "ENOTSOCK";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

function faultOfConnecting(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code));
    socket.once("connect", () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}
