import { chownSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LAB_USER } from "../lab-user.ts";
import { startController, type VirtualController } from "./controller-client.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { type ProcessPlan, type RunningProcess, startProcess } from "./processes.ts";
import type { Scenario } from "./scenario.ts";
import { createStack, type Stack } from "./stack.ts";
import type { Strain } from "./strain.ts";

const DIST = "/opt/bms/dist";
const ENDPOINT_FOLDER = "/run/bms";

export interface AgentPlan {
  readonly meter: string;
  readonly address: string;
  readonly seconds: number;
  /** Further options of the agent's command line. */
  readonly options?: readonly string[];
  /** What node itself gets, before the program. */
  readonly nodeOptions?: readonly string[];
}

export type UserProcess = Pick<ProcessPlan, "name" | "command" | "onLine">;

/** Everything a scenario plays on: fresh for each. */
export interface Stage {
  readonly stack: Stack;
  readonly controller: VirtualController;
  readonly strain: Strain;
  /** What the aggregator has printed. */
  readonly ledger: Ledger;
  /** Folder of this scenario's logs. */
  readonly logs: string;
  startAgent(plan: AgentPlan): RunningProcess;
  /** A program of Debian's or of ours as the ordinary user. */
  startAsUser(plan: UserProcess): RunningProcess;
  /** Ends everything that the scenario has started. */
  clear(): Promise<void>;
}

/** Sets the stage: bus, adapter with the scenario's batteries, bluetoothd, aggregator. */
export async function setStage(scenario: Scenario, folder: string, strain: Strain): Promise<Stage> {
  const logs = join(folder, scenario.name);
  rmSync(logs, { recursive: true, force: true });
  mkdirSync(logs, { recursive: true });
  mkdirSync(ENDPOINT_FOLDER, { recursive: true });
  chownSync(ENDPOINT_FOLDER, LAB_USER.uid, LAB_USER.gid);
  const stack = createStack(logs);
  const started: RunningProcess[] = [];
  const startAsUser = (plan: UserProcess) => {
    const process = startProcess({ ...plan, logs, user: LAB_USER, env: { HOME: "/tmp" } });
    started.push(process);
    return process;
  };
  await stack.startBus();
  const controller = await startController({ ...scenario.batteries, passkeys: scenario.passkeys ?? {}, logs });
  await stack.startBluetoothd();
  const ledger = createLedger();
  const aggregator = ["node", join(DIST, "bms-aggregator.js"), "--output", "-"] as const;
  startAsUser({ name: "aggregator", command: aggregator, onLine: ledger.take });
  return {
    stack,
    controller,
    strain,
    ledger,
    logs,
    startAsUser,
    startAgent({ meter, address, seconds, options = [], nodeOptions = [] }) {
      const agent = [join(DIST, "bms-agent.js"), "-b", address, "-i", String(seconds), "-m", meter, ...options];
      return startAsUser({ name: meter, command: ["node", ...nodeOptions, ...agent] });
    },
    async clear() {
      await Promise.all(started.map((process) => process.stop("SIGKILL")));
      await stack.clear();
      await controller.stop();
    },
  };
}
