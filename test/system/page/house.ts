import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { feedEndpoint } from "../../../common/wire/endpoint.ts";
import { type Program, startProgram } from "../../../simulator/program.ts";
import { createSystem, type System } from "../../integration/system.ts";
import { type Listener, listenAt } from "../../support/listener.ts";

/** The meters of the simulated house and their devices. */
export const HOUSE_METERS = {
  house: "A4:C1:37:00:00:03",
  solar: "C0:00:00:00:00:01",
  inverter: "C0:00:00:00:00:02",
} as const;

/** The simulated house with all programs, as processes. */
export interface RunningHouse {
  readonly system: System;
  readonly aggregator: Program;
  /** In place of Telegraf. */
  readonly telegraf: Listener;
  readonly agents: ReadonlyMap<string, Program>;
  readonly url: string;
  readonly viewer: Program;
  startAggregator(): Promise<Program>;
  startAgent(meter: keyof typeof HOUSE_METERS): Program;
  /** At the same address. */
  startViewer(): Promise<Program>;
  /** Runs a command of the simulator to its end. */
  simulate(...command: string[]): Promise<void>;
}

export async function startHouse(t: TestContext, interval: string): Promise<RunningHouse> {
  const system = createSystem(t);
  const socket = join(system.folder, "telegraf.sock");
  const telegraf = await listenAt(t, socket);
  const startAggregator = () => system.startAggregator("--output", "-", "--output", `unix://${socket}`);
  const startAgent = (meter: keyof typeof HOUSE_METERS) =>
    system.startAgent(meter, HOUSE_METERS[meter], "-i", interval);
  writeFileSync(join(system.folder, "alerts.toml"), "");
  let port = 0;
  const startViewer = async () => {
    const viewer = startProgram("bms-viewer", [
      ...["--http", `127.0.0.1:${port}`, "--feed", feedEndpoint(system.endpoint)],
      ...["--alerts", join(system.folder, "alerts.toml"), "--token-file", join(system.folder, "token")],
      ...[
        "--status",
        ...["bms-aggregator", ...Object.keys(HOUSE_METERS)].map((name) => join(system.folder, `run-${name}`)),
      ],
    ]);
    t.after(() => viewer.stop("SIGKILL"));
    const line = await viewer.logged(/http:\/\/[\d.:]+/);
    port = Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1]);
    return viewer;
  };

  await system.startSimulator("--house", "--latency", "5");
  const aggregator = await startAggregator();
  const names = Object.keys(HOUSE_METERS) as (keyof typeof HOUSE_METERS)[];
  const agents = new Map<string, Program>(names.map((meter) => [meter, startAgent(meter)]));
  const viewer = await startViewer();
  return {
    system,
    aggregator,
    telegraf,
    agents,
    viewer,
    url: `http://127.0.0.1:${port}/`,
    startAggregator,
    startAgent,
    startViewer,
    async simulate(...command) {
      const [name = "", ...rest] = command;
      const program = startProgram("simulator", [name, "--socket", system.simulatorSocket, ...rest]);
      const { code } = await program.ended;
      if (code !== 0) throw new Error(`simulator ${command.join(" ")}: ${program.stderr.join("\n")}`);
    },
  };
}
