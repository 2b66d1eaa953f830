import { constants } from "node:os";
import { systemClock } from "../common/runtime/clock.ts";
import { createLog } from "../common/runtime/log.ts";
import { UsageError } from "../common/runtime/usage-error.ts";
import { ServiceError } from "../control/setup/systemd.ts";
import manifest from "../package.json" with { type: "json" };
import type { World } from "./cli/command.ts";
import { readCommandLine } from "./cli/command-line.ts";
import { COMMANDS } from "./cli/commands.ts";
import { FrameError } from "./codec/frame-error.ts";
import { RadioError } from "./radio/radio.ts";

/** A failure with a sentence for the operator; anything else is a mistake of ours. */
const isExpected = (error: unknown): error is Error =>
  [UsageError, RadioError, FrameError, ServiceError].some((kind) => error instanceof kind);

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // Who asks twice does not want to wait for the device or the aggregator.
    if (stop.signal.aborted) process.exit(128 + constants.signals[signal]);
    stop.abort(new Error(`stopped by ${signal}`));
  });
}
// Whoever read our output has gone.
process.stdout.on("error", () => process.exit(1));

const world: World = {
  env: process.env,
  uid: process.getuid?.() ?? 0,
  clock: systemClock,
  random: Math.random,
  stop: stop.signal,
  tellWhenAsked: (status) => void process.on("SIGUSR1", () => process.stderr.write(status())),
  print: (text) => void process.stdout.write(text),
  terminal: () => (process.stdout.isTTY ? process.stdout : undefined),
  createLog: (level, name) => createLog(level, { name }),
};

/** The exit status. A mistake of ours is thrown. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    const asked = readCommandLine(COMMANDS, manifest.version, argv, world.env);
    if ("run" in asked) return await asked.run(world);
    world.print(asked.text);
    return 0;
  } catch (error) {
    if (error === stop.signal.reason) return 0;
    if (!isExpected(error)) throw error;
    world.createLog("error", "bms-agent").error(error.message);
    return error instanceof UsageError ? 2 : 1;
  }
}

process.exit(await main(process.argv.slice(2)));
