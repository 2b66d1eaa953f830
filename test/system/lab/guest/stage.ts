import { chownSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../../support/until.ts";
import { LAB_USER } from "../lab-user.ts";
import { createVirtualController, type VirtualController } from "./controller-client.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { type ProcessPlan, type RunningProcess, startProcess } from "./processes.ts";
import type { Processor } from "./processor.ts";
import type { Scenario } from "./scenario.ts";
import { createStack, type Stack } from "./stack.ts";

export type User = NonNullable<ProcessPlan["user"]>;
export const ROOT: User = { uid: 0, gid: 0 };
const DIST = "/opt/bms/dist";
const ENDPOINT_FOLDER = "/run/bms";
const ENDPOINT = join(ENDPOINT_FOLDER, "readings.sock");

export interface AgentPlan {
  readonly meter: string;
  readonly address: string;
  readonly seconds: number;
  /** Further options of the agent's command line. */
  readonly options?: readonly string[];
  /** What node itself gets, before the program. */
  readonly nodeOptions?: readonly string[];
  /** The lab's ordinary user where absent. */
  readonly user?: User;
}

export type UserProcess = Pick<ProcessPlan, "name" | "command" | "onLine" | "user">;

/** Everything a scenario plays on: fresh for each. */
export interface Stage {
  readonly stack: Stack;
  readonly controller: VirtualController;
  readonly processor: Processor;
  /** What the aggregator has printed. */
  readonly ledger: Ledger;
  /** Folder of this scenario's logs. */
  readonly logs: string;
  startAgent(plan: AgentPlan): RunningProcess;
  /** A program of Debian's or of ours, as the ordinary user where none is named. */
  startAsUser(plan: UserProcess): RunningProcess;
  /** Ends everything that the scenario has started. */
  clear(): Promise<void>;
}

/** Sets the stage: bus, adapter with the scenario's batteries, bluetoothd, aggregator. Logs go to a folder in memory. */
export async function setStage(scenario: Scenario, logs: string, processor: Processor): Promise<Stage> {
  mkdirSync(logs, { recursive: true });
  mkdirSync(ENDPOINT_FOLDER, { recursive: true });
  chownSync(ENDPOINT_FOLDER, LAB_USER.uid, LAB_USER.gid);
  const stack = createStack(logs);
  const started: RunningProcess[] = [];
  const startAsUser = (plan: UserProcess) => {
    const process = startProcess({ user: LAB_USER, ...plan, logs, env: { HOME: "/tmp" } });
    started.push(process);
    return process;
  };
  const controller = createVirtualController({ ...scenario.batteries, passkeys: scenario.passkeys ?? {}, logs });
  const ledger = createLedger();
  const stage: Stage = {
    stack,
    controller,
    processor,
    ledger,
    logs,
    startAsUser,
    startAgent({ meter, address, seconds, options = [], nodeOptions = [], user }) {
      const agent = [join(DIST, "bms-agent.js"), "-b", address, "-i", String(seconds), "-m", meter, ...options];
      return startAsUser({ name: meter, command: ["node", ...nodeOptions, ...agent], ...(user && { user }) });
    },
    async clear() {
      await Promise.all(started.map((process) => process.stop("SIGKILL")));
      await stack.clear();
      await controller.stop();
    },
  };
  try {
    await stack.startBus();
    await controller.start();
    await stack.startBluetoothd();
    const aggregator = ["node", join(DIST, "bms-aggregator.js"), "--output", "-"] as const;
    startAsUser({ name: "aggregator", command: aggregator, onLine: ledger.take });
    await until("the aggregator", () => existsSync(ENDPOINT), 20_000);
    return stage;
  } catch (error) {
    await stage.clear();
    throw error;
  }
}
