import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address } from "../../../common/model/address.ts";
import { systemClock } from "../../../common/runtime/clock.ts";
import type { Memory } from "../../../simulator/battery.ts";
import { type BoardChoice, formatBoardChoice } from "../../../simulator/jbd/board-options.ts";
import { type Program, startProcess, startProgram } from "../../../simulator/program.ts";
import { serveSimulator } from "../../../simulator/server.ts";
import { createSimulator, type Simulator } from "../../../simulator/simulator.ts";

export const ADDRESS: Address = "A4:C1:37:00:00:01";
const LATENCY_MS = 3;

/** Real programs, and a simulated pack that they reach through its socket. */
export interface Programs {
  readonly simulator: Simulator;
  /** Directory of saved states, of the audit file and of markers. */
  readonly settings: string;
  memory(): Memory;
  start(name: string, ...words: readonly string[]): Program;
  /** bmsctl on a terminal on which this is typed. */
  startOnTerminal(typed: string, ...words: readonly string[]): Program;
  close(): Promise<void>;
}

export interface ProgramsOptions {
  readonly seed: string;
  readonly board: BoardChoice;
  /** Called with each request to the pack. */
  onRequest?(bytes: Uint8Array): void;
}

export async function openPrograms({ seed, board, onRequest }: ProgramsOptions): Promise<Programs> {
  const folder = mkdtempSync(join(tmpdir(), "bms-settings-"));
  const socket = join(folder, "simulator.sock");
  const settings = join(folder, "settings");
  const env = { BMS_SIMULATOR: socket, BMS_SETTINGS_DIRECTORY: settings, BMS_RADIO: "simulated", HOME: folder };
  const simulator = createSimulator({
    clock: systemClock,
    seed,
    latencyMs: LATENCY_MS,
    devices: [{ address: ADDRESS, kind: "jbd4", choices: formatBoardChoice(board) }],
    onAnswer: () => {},
    onRequest: ({ bytes }) => onRequest?.(Buffer.from(bytes, "hex")),
  });
  const server = await serveSimulator(simulator, socket, systemClock);
  const started: Program[] = [];
  const kept = (program: Program) => {
    started.push(program);
    return program;
  };
  return {
    simulator,
    settings,
    memory() {
      const memory = simulator.memory("all").get(ADDRESS);
      if (!memory) throw new Error("the pack has no parameters");
      return memory;
    },
    start: (name, ...words) => kept(startProgram(name, words, { env })),
    startOnTerminal(typed, ...words) {
      const command = [process.execPath, join(import.meta.dirname, "../../../dist/bmsctl.js"), ...words].join(" ");
      // script(1) of util-linux gives the program a terminal.
      const program = startProcess("script", ["-qec", command, "/dev/null"], { env, stdin: "pipe" });
      program.process.stdin?.end(`${typed}\n`);
      return kept(program);
    },
    async close() {
      await Promise.all(started.map((program) => program.stop("SIGKILL")));
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
