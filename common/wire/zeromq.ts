import { createRequire } from "node:module";
import type * as Zeromq from "zeromq";
import { UsageError } from "../runtime/usage-error.ts";

/**
 * ZeroMQ, loaded when it is needed and not before: what needs none of it runs where there is no binary.
 * @throws {UsageError} where this computer has none: trying again cannot help
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
  if (arch !== "arm") return `${where}: bms runs on 64-bit Linux, x86-64 or ARM; after an update of Node: npm ci`;
  return (
    `${where}: install a 64-bit system, or on ARMv7 build it with scripts/package/armv7; where the board is a Pi Zero W (ARMv6), ` +
    "a Zero 2 W takes its place with the same card"
  );
}
