import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "../../../simulator/program.ts";
import type { Blow } from "../../support/proof/course.ts";
import type { Incident } from "../../support/proof/story.ts";

/** A part of the system as a process that can be hit and comes back. */
export interface Part {
  begin(): Promise<void>;
  /** Does what a blow says and brings the part back; resolves when it works again. */
  take(blow: Pick<Blow, "hit" | "forMs">): Promise<void>;
  /** Tells it to end, for good. */
  end(): Promise<void>;
}

/** What a part reports. */
export interface Chronicle {
  note(incident: Incident): void;
  /** Something that must not be. */
  fault(text: string): void;
}

/** A program that is told to end is gone within this, ms: the promise is 5 s, and the machine is busy. */
const END_WITHIN_MS = 10_000;

/** `start` resolves when the program works. */
export function createPart(who: string, start: () => Promise<Program>, { note, fault }: Chronicle): Part {
  let program: Program | undefined;
  const tell = (what: Incident["what"]) => note({ at: Date.now(), who, what });

  async function begin() {
    tell("begins");
    const started = await start();
    program = started;
    tell("works");
    const left = ({ code, signal }: { code: number | null; signal: string | null }) => {
      if (program !== started) return;
      fault(`${who} ended by itself (${signal ?? `exit status ${code}`}):\n${started.stderr.slice(-5).join("\n")}`);
    };
    started.ended.then(left, () => {});
  }
  async function kill() {
    tell("killed");
    const victim = program;
    program = undefined;
    await victim?.stop("SIGKILL");
  }
  async function end() {
    tell("told to end");
    const told = program;
    program = undefined;
    const ended = await Promise.race([told?.stop("SIGTERM"), sleep(END_WITHIN_MS, "late", { ref: false })]);
    if (ended !== "late") return;
    fault(`${who} was told to end and did not within ${END_WITHIN_MS / 1000} s`);
    await told?.stop("SIGKILL");
  }

  return {
    begin,
    end,
    async take({ hit, forMs }) {
      if (hit === "kill") await kill();
      else if (hit === "end") await end();
      else {
        tell("frozen");
        program?.process.kill("SIGSTOP");
      }
      await sleep(forMs);
      if (hit === "freeze") {
        program?.process.kill("SIGCONT");
        tell("works");
        return;
      }
      if (hit === "freeze and kill") await kill();
      await begin();
    },
  };
}
