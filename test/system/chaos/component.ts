import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "../../../simulator/program.ts";
import type { Fault } from "../../support/proof/schedule.ts";
import type { TimelineEvent } from "../../support/proof/timeline.ts";

/** Injects a fault and repairs it; resolves when the component works again. */
export type Inject = (fault: Pick<Fault, "kind" | "forMs">) => Promise<void>;

/** A component of the system that runs as a process. */
export interface Component {
  start(): Promise<void>;
  readonly inject: Inject;
  stop(): Promise<void>;
}

export interface ComponentDeps {
  /** Called with each change of state. */
  onEvent(event: TimelineEvent): void;
  /** Called when the process ends by itself, or does not end after SIGTERM. */
  onFailure(text: string): void;
}

/** A program must end within this time of SIGTERM, ms: 5 s are promised, and the machine is busy. */
const STOP_WITHIN_MS = 10_000;

/** `startProgram` resolves when the program works. */
export function createComponent(
  component: string,
  startProgram: () => Promise<Program>,
  { onEvent, onFailure }: ComponentDeps,
): Component {
  let program: Program | undefined;
  const record = (what: TimelineEvent["what"]) => onEvent({ at: Date.now(), component, what });

  async function start() {
    record("starts");
    const started = await startProgram();
    program = started;
    record("works");
    const onEnd = ({ code, signal }: Awaited<Program["ended"]>) => {
      if (program !== started) return;
      const log = started.stderr.slice(-5).join("\n");
      onFailure(`${component} ended by itself (${signal ?? `exit status ${code}`}):\n${log}`);
    };
    started.ended.then(onEnd, () => {});
  }

  /** Returns the program, whose end is expected from now on. */
  function release(): Program | undefined {
    const released = program;
    program = undefined;
    return released;
  }

  async function kill() {
    record("killed");
    await release()?.stop("SIGKILL");
  }

  async function stop() {
    record("stopped");
    const stopping = release();
    const ended = await Promise.race([stopping?.stop("SIGTERM"), sleep(STOP_WITHIN_MS, "late", { ref: false })]);
    if (ended !== "late") return;
    onFailure(`${component} did not end within ${STOP_WITHIN_MS / 1000} s of SIGTERM`);
    await stopping?.stop("SIGKILL");
  }

  return {
    start,
    stop,
    async inject({ kind, forMs }) {
      if (kind === "kill") await kill();
      else if (kind === "stop") await stop();
      else {
        record("frozen");
        program?.process.kill("SIGSTOP");
      }
      await sleep(forMs);
      if (kind === "freeze") {
        program?.process.kill("SIGCONT");
        record("works");
        return;
      }
      if (kind === "freeze and kill") await kill();
      await start();
    },
  };
}
