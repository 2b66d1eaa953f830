import { createRequire } from "node:module";
import type * as Zeromq from "zeromq";
import { UsageError } from "../runtime/usage-error.ts";

/**
 * Loads ZeroMQ when it is first needed, so that everything else runs on computers without its binary.
 *
 * @throws {UsageError} if there is no binary for this computer: trying again cannot help
 */
export function loadZeromq(
  load: (name: string) => unknown = createRequire(import.meta.url),
  computer: Computer = process,
): typeof Zeromq {
  try {
    return load("zeromq") as typeof Zeromq;
  } catch (error) {
    throw new UsageError(explain(computer), { cause: error });
  }
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
