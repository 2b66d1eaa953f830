import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "../../../simulator/program.ts";

/** A program of the chain, which is started again when it ends by itself, as systemd does. */
export interface Part {
  start(): void;
  /** Ends it, and leaves it ended. */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Resolves once the running program has logged such a line. */
  logged(pattern: RegExp): Promise<unknown>;
  /** The last lines of its log. */
  readonly log: readonly string[];
}

/** RestartSec= of the units. */
const RESTART_MS = 1_000;

export function createPart(t: TestContext, startProgram: () => Program): Part {
  const log: string[] = [];
  let program: Program | undefined;

  function start() {
    const started = startProgram();
    program = started;
    void started.ended.then(async () => {
      log.push(...started.stderr.slice(-5));
      await sleep(RESTART_MS);
      if (program === started) start();
    });
  }
  async function end(signal: "SIGKILL" | "SIGTERM") {
    const ending = program;
    program = undefined;
    await ending?.stop(signal);
  }
  t.after(() => end("SIGKILL"));
  return {
    start,
    end,
    logged: async (pattern) => program?.logged(pattern),
    get log() {
      return [...log, ...(program?.stderr ?? [])].slice(-10);
    },
  };
}
