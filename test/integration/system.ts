import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { formatQuantity, isQuantity, QUANTITIES, type Quantity } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";
import { type AgentStatus, parseAgentStatus } from "../../common/model/status.ts";
import { readStatusFile, statusPath } from "../../common/runtime/status-file.ts";
import { feedEndpoint } from "../../common/wire/endpoint.ts";
import { csvRows, type Row } from "../../simulator/csv-rows.ts";
import type { AnswerRecord } from "../../simulator/device.ts";
import { type Program, startProgram } from "../../simulator/program.ts";
import type { HouseView } from "../../viewer/model/views.ts";
import { until } from "../support/until.ts";

/** An answer of a simulated battery, from the simulator's log. */
export type Answer = Omit<AnswerRecord, "took">;

/** Longest wait on a busy machine. */
const DEADLINE_MS = 60_000;

/** Simulator, aggregator and agents as processes, with their sockets in a temporary folder. */
export interface System {
  readonly folder: string;
  readonly simulatorSocket: string;
  readonly endpoint: string;
  startSimulator(...args: string[]): Promise<Program>;
  startAggregator(...args: string[]): Promise<Program>;
  startAgent(meter: string, address: string, ...args: string[]): Program;
  startViewer(...args: string[]): Promise<Viewer>;
  /** Runs a command of bms-agent to its end. */
  runAgent(...args: string[]): Promise<Ended>;
  /** Rows of all aggregators of this system, in the order in which they were printed. */
  rows(meter?: string): readonly Row[];
  /** Rows with a measurement. */
  measured(meter: string): readonly Row[];
  /** The content of an agent's status.json. */
  agentStatus(meter: string): AgentStatus | undefined;
  answers(): readonly Answer[];
  /** The last lines of each program's log, for error messages. */
  lastLines(): string;
  /** Resolves once the condition holds, checked after every line of output. Rejects with the last lines of all programs. */
  until(isTrue: () => boolean): Promise<void>;
}

/** A viewer of a system, at a free port. */
export interface Viewer {
  readonly program: Program;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  house(): Promise<HouseView>;
  /** The first view for which the condition holds. Looked at ten times a second. */
  until(what: string, isTrue: (view: HouseView) => boolean): Promise<HouseView>;
}

/** A program that has ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

/** Answers that an agent has received, by its log at level debug. */
export function answerCount({ stderr }: Program): number {
  return stderr.filter((line) => /connected to|answer after|answers again/.test(line)).length;
}

export interface SystemOptions {
  /** Environment of all programs, besides their own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Environment of the agents, besides that of all programs. */
  readonly agentEnv?: Readonly<Record<string, string>>;
}

/** Creates a system whose programs are killed, and whose folder is removed, after the test. */
export function createSystem(t: TestContext, { env: commonEnv = {}, agentEnv = {} }: SystemOptions = {}): System {
  const folder = mkdtempSync(join(tmpdir(), "bms-integration-"));
  const simulatorSocket = join(folder, "simulator.sock");
  const answerLog = join(folder, "answers.jsonl");
  const endpoint = `ipc://${join(folder, "readings.sock")}`;
  const programs: Program[] = [];
  const rows: Row[] = [];
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const watcher of watchers) watcher();
  };

  t.after(async () => {
    await Promise.all(programs.map((program) => program.stop("SIGKILL")));
    rmSync(folder, { recursive: true });
  });

  const runtimeDirectory = (name: string) => join(folder, `run-${name}`);

  function start(name: string, args: readonly string[], onLine: (line: string) => void = notify, runName = name) {
    const env = {
      RUNTIME_DIRECTORY: runtimeDirectory(runName),
      ...commonEnv,
      ...(name === "bms-agent" && agentEnv),
      BMS_SIMULATOR: simulatorSocket,
    };
    mkdirSync(runtimeDirectory(runName), { recursive: true });
    const program = startProgram(name, args, { env, onLog: notify, onLine });
    program.ended.then(notify, notify);
    programs.push(program);
    return program;
  }

  const lastLines = () =>
    programs
      .map((program) => [program.process.spawnargs.join(" "), ...program.stderr.slice(-4)].join("\n  "))
      .join("\n");

  return {
    folder,
    simulatorSocket,
    endpoint,
    async startSimulator(...args) {
      const simulator = start("simulator", ["--socket", simulatorSocket, "--log", answerLog, ...args]);
      await simulator.logged(/listening/);
      return simulator;
    },
    async startAggregator(...args) {
      const readCsv = csvRows((row) => rows.push(row));
      const aggregator = start("bms-aggregator", ["--endpoint", endpoint, ...args], (line) => {
        readCsv(line);
        notify();
      });
      await aggregator.logged(/listening on .*, writing to/);
      return aggregator;
    },
    startAgent(meter, address, ...args) {
      const common = ["-m", meter, "-b", address, "--radio", "simulated", "--endpoint", endpoint];
      return start("bms-agent", [...common, ...args], undefined, meter);
    },
    async startViewer(...args) {
      const endpoints = ["--feed", feedEndpoint(endpoint), "--status", folder, "--http", "127.0.0.1:0"];
      const program = start("bms-viewer", [...endpoints, ...args]);
      const [url = ""] = /http:[^ ]+(?=\/$)/.exec(await program.logged(/showing .* at http:/)) ?? [];
      const house = async () => (await (await fetch(`${url}/api/v1/house`)).json()) as HouseView;
      return {
        program,
        url,
        house,
        until: (what, isTrue) => until(what, async () => holds(await house(), isTrue), DEADLINE_MS, 100),
      };
    },
    async runAgent(...args) {
      const env = {
        ...commonEnv,
        ...agentEnv,
        BMS_SIMULATOR: simulatorSocket,
        BMS_RADIO: "simulated",
        BMS_ENDPOINT: endpoint,
      };
      const program = startProgram("bms-agent", args, { env });
      programs.push(program);
      const { code } = await program.ended;
      return { code, stdout: program.stdout, stderr: program.stderr };
    },
    agentStatus: (meter) => readStatusFile(statusPath(runtimeDirectory(meter)), parseAgentStatus),
    rows: (meter) => rows.filter((row) => meter === undefined || row.meter === meter),
    measured: (meter) => rows.filter((row) => row.meter === meter && row.online === "1"),
    answers: () =>
      readFileSync(answerLog, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Answer),
    lastLines,
    until: (isTrue) =>
      new Promise((resolve, reject) => {
        const finish = (outcome: () => void) => {
          clearTimeout(deadline);
          watchers.delete(look);
          outcome();
        };
        const look = () => {
          if (isTrue()) finish(resolve);
        };
        const late = new Error(`not within ${DEADLINE_MS / 1000} s: ${isTrue}`);
        const deadline = setTimeout(() => {
          late.message += `\n${rows.length} rows so far; last lines of the programs:\n${lastLines()}`;
          finish(() => reject(late));
        }, DEADLINE_MS);
        watchers.add(look);
        look();
      }),
  };
}

function holds<T>(value: T, isTrue: (value: T) => boolean): T | undefined {
  return isTrue(value) ? value : undefined;
}

/** True for columns that the agent measures, not the device. */
export function isHealth(column: string): boolean {
  return isQuantity(column) && QUANTITIES[column].group === "agent";
}

/** The columns of a row that the device measured. */
export function deviceColumns(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).filter(([name]) => name !== "meter" && name !== "time" && name !== "site" && !isHealth(name)),
  );
}

/** The columns that the CSV must print for a sample. */
export function printed(sample: Sample): Row {
  return Object.fromEntries(
    Object.entries(sample)
      .filter((entry): entry is [Quantity, number] => isQuantity(entry[0]))
      .map(([name, value]) => [name, formatQuantity(name, value)]),
  );
}

/**
 * The rows that must come of the answers of a device: one per poll, which is a Thornwave's value or a JBD pack's 0x03 with
 * the 0x04 that follows it. A poll cut short by the end of its agent has no 0x04 and makes no row.
 */
export function expectedRows(answers: readonly Answer[], device: string): Row[] {
  const rows: Row[] = [];
  let pack: Row = {};
  for (const answer of answers) {
    if (answer.device !== device || answer.fault !== undefined) continue;
    if (answer.register === "03") pack = printed(answer.sample);
    else if (answer.register === "04") rows.push({ ...pack, ...printed(answer.sample) });
    else if (answer.register !== "05") rows.push(printed(answer.sample));
  }
  return rows;
}
