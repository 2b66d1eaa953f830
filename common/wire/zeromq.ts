import { createRequire } from "node:module";
import type * as Zeromq from "zeromq";
import { UsageError } from "../runtime/usage-error.ts";

/** ZeroMQ could not be loaded for a reason that may pass, such as too many open files. */
export class ZeromqError extends Error {
  override readonly name = "ZeromqError";
}

/**
 * Loads ZeroMQ when it is first needed, so that everything else runs on computers without its binary.
 *
 * @throws {UsageError} if there is no binary for this computer: trying again cannot help
 * @throws {ZeromqError}
 */
export function loadZeromq(
  load: (name: string) => unknown = createRequire(import.meta.url),
  computer: Computer = process,
): typeof Zeromq {
  const warnings: string[] = [];
  const { warn } = console;
  // Its loader tries one binary after the other, and prints there why each of them failed.
  console.warn = (...parts: readonly unknown[]) => void warnings.push(parts.join(" "));
  try {
    return load("zeromq") as typeof Zeromq;
  } catch (cause) {
    if (isMissing(cause as NodeJS.ErrnoException, warnings)) throw new UsageError(explain(computer), { cause });
    const [reason = ""] = [...warnings, (cause as Error).message].join("\n").split("\n");
    throw new ZeromqError(`ZeroMQ cannot be loaded: ${reason}; start the program again`, { cause });
  } finally {
    console.warn = warn;
  }
}

/**
 * True for the error of a socket that was ready when it was asked and not when it was used, because a connection ended in
 * between. The binding rejects such a call although another one would wait; nothing was sent or received.
 */
export function isPassing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "EAGAIN";
}

/** Passes on every message until the socket is closed. Each waits until `receive` has resolved for the one before it. */
export async function receiveAll(
  socket: Receivable,
  receive: (...frames: readonly Uint8Array[]) => void | Promise<void>,
): Promise<void> {
  for (;;) {
    let frames: readonly Uint8Array[];
    try {
      frames = await socket.receive();
    } catch (error) {
      // Closing the socket ends a pending receive with an error.
      if (socket.closed) return;
      if (isPassing(error)) continue;
      throw error;
    }
    await receive(...frames);
  }
}

interface Receivable {
  readonly closed: boolean;
  receive(): Promise<readonly Uint8Array[]>;
}

/** Messages of the dynamic loader about a binary for another computer. */
const OTHER_COMPUTER = /ELF|Cannot find module|NODE_MODULE_VERSION|GLIBC/;

/** True if no binary can ever be loaded here. */
function isMissing({ code, message }: NodeJS.ErrnoException, warnings: readonly string[]): boolean {
  if (code === "MODULE_NOT_FOUND" || /No compatible .* addon found for/.test(message)) return true;
  return warnings.length > 0 && warnings.every((text) => OTHER_COMPUTER.test(text));
}

type Computer = Readonly<Pick<NodeJS.Process, "platform" | "arch">>;

function explain({ platform, arch }: Computer): string {
  const where = `ZeroMQ has no binary for this computer (${platform}, ${arch})`;
  if (arch !== "arm") return `${where}: bms runs on 64-bit Linux, x86-64 or ARM; after an update of Node, run npm ci`;
  return (
    `${where}: install a 64-bit system, or on ARMv7 build it with scripts/package/armv7; replace a Pi Zero W (ARMv6) by a Zero 2 W, ` +
    "which runs from the same card"
  );
}
