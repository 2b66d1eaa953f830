import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Program, startProgram } from "../../simulator/program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { createSystem, type System } from "./system.ts";

export const PACK = "A4:C1:37:00:00:01";
/** The pack's folder in the settings directory, and its marker. */
export const FOLDER = "A4-C1-37-00-00-01";
export const WISH = ["cell_ov=3.60", "cell_ov_release=3.45", "charge_ot=60", "charge_ot_release=50"];

/** A simulated pack, and bmsctl. */
export interface Bench {
  readonly system: System;
  readonly directory: string;
  bmsctl(...args: string[]): Program;
  /** Runs bmsctl to its end. */
  run(...args: string[]): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  /** Registers that were written, in order. */
  written(): readonly string[];
  memory(): Promise<{ readonly isInFactoryMode: boolean; readonly working: Memory; readonly stored: Memory }>;
}
type Memory = Readonly<Record<string, string>>;

/** `slow`: registers whose answers take long, so that a test can act in the middle of a change. */
export async function settingsBench(t: TestContext, slow: readonly string[] = []): Promise<Bench> {
  const folder = await temporaryFolder(t);
  const directory = join(folder, "settings");
  const requests = join(folder, "requests.jsonl");
  const own = { BMS_SETTINGS_DIRECTORY: directory };
  const system = createSystem(t, { agentEnv: own });
  const delays = slow.flatMap((register) => ["--fault", `${PACK}=delay:ms=400,register=${register}`]);
  const pack = ["--device", `${PACK}=jbd4:load=none,chip=0`, "--requests", requests, "--latency", "5"];
  await system.startSimulator(...pack, ...delays);
  const env = { ...own, BMS_SIMULATOR: system.simulatorSocket, BMS_RADIO: "simulated" };
  const bmsctl = (...args: string[]) => {
    const program = startProgram("bmsctl", args, { env });
    t.after(() => program.stop("SIGKILL"));
    return program;
  };
  return {
    system,
    directory,
    bmsctl,
    async run(...args) {
      const program = bmsctl(...args);
      const { code } = await program.ended;
      return { code, stdout: program.stdout.join("\n"), stderr: program.stderr.join("\n") };
    },
    written: () =>
      readFileSync(requests, "utf8")
        .split("\n")
        .flatMap((line) => {
          const { register, bytes = "" } = line === "" ? {} : JSON.parse(line);
          return bytes.startsWith("dd5a") && !["00", "01"].includes(register) ? [register] : [];
        }),
    async memory() {
      const program = startProgram("simulator", ["memory", PACK, "--socket", system.simulatorSocket]);
      await program.ended;
      return JSON.parse(program.stdout.join(""));
    },
  };
}

/** The state that was saved before the first write. */
export function savedState({ directory }: Bench): string {
  const folder = join(directory, FOLDER);
  const [file] = readdirSync(folder).filter((name) => /^\d{4}-.*\.toml$/.test(name));
  assert.ok(file, "no state was saved");
  return join(folder, file);
}
