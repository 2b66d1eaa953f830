import { chownSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Counts } from "../../../../simulator/registry.ts";
import { until } from "../../../support/until.ts";
import type { Finding } from "../../machine/report.ts";
import { createVirtualController, type VirtualController } from "./controller-client.ts";
import { type ProcessOptions, type RunningProcess, startProcess } from "./processes.ts";
import type { Processor } from "./processor.ts";
import { createRows, type Rows } from "./rows.ts";
import { createStack, type Stack } from "./stack.ts";

/** One fault or several of a kind, injected into real agents over a real BlueZ, and what is expected then. */
export interface Scenario {
  /** The word on the command line and the folder of its logs. */
  readonly name: string;
  readonly about: string;
  /** Simulated batteries by family. */
  readonly batteries: Counts;
  /** Address → six digits of a device that demands pairing. */
  readonly passkeys?: Readonly<Record<string, string>>;
  /** Choices about the JBD packs, as in the simulator's --device. */
  readonly board?: string;
  /** Runs with a fresh adapter and an empty BlueZ. Yields each finding as it is made. */
  run(environment: Environment, settings: ScenarioSettings): AsyncIterable<Finding>;
}

export interface ScenarioSettings {
  /** Number of kills in the scenario `kills`. */
  readonly kills: number;
}

type User = NonNullable<ProcessOptions["user"]>;
export const ROOT: User = { uid: 0, gid: 0 };
/** The ordinary user who runs agents and aggregator in the machine. */
export const LAB_USER: User = { uid: 1000, gid: 1000 };
const DIST = "/opt/bms/dist";
const ENDPOINT_FOLDER = "/run/bms";
/** In the place of the package's, which systemd makes. */
export const SETTINGS_DIRECTORY = "/tmp/settings";
/** The only folder of it in which agents write. */
const MARKERS = join(SETTINGS_DIRECTORY, "factory-mode");
const PROGRAM_ENVIRONMENT = { HOME: "/tmp", BMS_SETTINGS_DIRECTORY: SETTINGS_DIRECTORY };
const ENDPOINT = join(ENDPOINT_FOLDER, "readings.sock");

export interface AgentOptions {
  readonly meter: string;
  readonly address: string;
  readonly seconds: number;
  /** Further options of the agent's command line. */
  readonly options?: readonly string[];
  /** Options of node, before the program. */
  readonly nodeOptions?: readonly string[];
  /** Default: the lab's ordinary user. */
  readonly user?: User;
}

/** Everything around the agents of a scenario. */
export interface Environment {
  readonly stack: Stack;
  readonly controller: VirtualController;
  readonly processor: Processor;
  /** Rows that the aggregator has printed. */
  readonly rows: Rows;
  startAgent(options: AgentOptions): RunningProcess;
  /** Starts a program as the lab's ordinary user by default. */
  start(options: Omit<ProcessOptions, "logs" | "env" | "user"> & { readonly user?: User }): RunningProcess;
  /** Starts bmsctl as root, whose settings directory the agents share. */
  startControl(name: string, ...words: readonly string[]): RunningProcess;
  /** Ends all processes that the scenario has started. */
  close(): Promise<void>;
}

/** Starts the bus, the adapter with the scenario's batteries, bluetoothd and the aggregator. */
export async function createEnvironment(scenario: Scenario, logs: string, processor: Processor): Promise<Environment> {
  mkdirSync(logs, { recursive: true });
  mkdirSync(ENDPOINT_FOLDER, { recursive: true });
  mkdirSync(MARKERS, { recursive: true });
  for (const folder of [ENDPOINT_FOLDER, MARKERS]) chownSync(folder, LAB_USER.uid, LAB_USER.gid);
  const stack = createStack(logs);
  const { batteries, passkeys = {}, board = "" } = scenario;
  const controller = createVirtualController({ batteries, passkeys, board, logs });
  const rows = createRows();
  const started: RunningProcess[] = [];
  const environment: Environment = {
    stack,
    controller,
    processor,
    rows,
    start(options) {
      const process = startProcess({ user: LAB_USER, ...options, logs, env: PROGRAM_ENVIRONMENT });
      started.push(process);
      return process;
    },
    startAgent({ meter, address, seconds, options = [], nodeOptions = [], user = LAB_USER }) {
      const agent = [join(DIST, "bms-agent.js"), "-b", address, "-i", String(seconds), "-m", meter, ...options];
      return environment.start({ name: meter, command: ["node", ...nodeOptions, ...agent], user });
    },
    startControl: (name, ...words) =>
      environment.start({ name, command: ["node", join(DIST, "bmsctl.js"), ...words], user: ROOT }),
    async close() {
      await Promise.all(started.map((process) => process.stop("SIGKILL")));
      await stack.close();
      await controller.stop();
    },
  };
  try {
    await stack.startBus();
    await controller.start();
    await stack.startBluetoothd();
    const command = ["node", join(DIST, "bms-aggregator.js"), "--output", "-"] as const;
    environment.start({ name: "aggregator", command, onLine: rows.add });
    await until("the aggregator's endpoint", () => existsSync(ENDPOINT), 20_000);
    return environment;
  } catch (error) {
    await environment.close();
    throw error;
  }
}
