import type { Finding } from "../../machine/report.ts";
import { createAgents } from "../guest/agents.ts";
import type { Environment, Scenario } from "../guest/environment.ts";
import { type Fault, inject } from "../guest/fault-injection.ts";

const BATTERIES = { jbd: 2, thornwave: 1 };
const PERIOD_S = 1;
const GOAL_S = 20;
const AWAY_S = 5;

/** The start is what systemd does after a crash. */
const restartDaemon = (signal: NodeJS.Signals): Pick<Fault, "begin" | "end"> => ({
  begin: ({ stack }) => stack.stopBluetoothd(signal),
  end: ({ stack }) => stack.startBluetoothd(),
});

const FAULTS_IN_TURN: readonly Fault[] = [
  { about: "bluetoothd stopped for 5 s", ...restartDaemon("SIGTERM"), lastsSeconds: AWAY_S, goalSeconds: GOAL_S },
  { about: "bluetoothd killed", ...restartDaemon("SIGKILL"), goalSeconds: GOAL_S },
  {
    about: "dbus-daemon killed, and bluetoothd with it",
    async begin({ stack }) {
      await stack.stopBus("SIGKILL");
      await stack.stopBluetoothd("SIGKILL");
    },
    lastsSeconds: 1,
    async end({ stack }) {
      await stack.startBus();
      await stack.startBluetoothd();
    },
    goalSeconds: GOAL_S,
  },
  {
    about: "adapter switched off for 5 s",
    begin: async ({ stack }) => stack.switchAdapter("off"),
    lastsSeconds: AWAY_S,
    end: async ({ stack }) => stack.switchAdapter("on"),
    goalSeconds: GOAL_S,
  },
  {
    about: "adapter unplugged for 5 s",
    begin: ({ controller }) => controller.command("unplug"),
    lastsSeconds: AWAY_S,
    end: ({ controller }) => controller.command("plug"),
    goalSeconds: GOAL_S,
  },
  {
    about: "agents started 5 s before bluetoothd",
    async begin({ stack }, agents) {
      await Promise.all(agents.all.map(({ process }) => process?.stop("SIGTERM")));
      await stack.stopBluetoothd("SIGTERM");
      agents.start();
    },
    lastsSeconds: AWAY_S,
    end: ({ stack }) => stack.startBluetoothd(),
    goalSeconds: GOAL_S,
  },
];

export const SERVICES: Scenario = {
  name: "services",
  about: "bluetoothd, dbus-daemon and the adapter go away and come back: all agents recover by themselves",
  batteries: BATTERIES,
  run,
};

async function* run(environment: Environment): AsyncIterable<Finding> {
  const agents = createAgents(environment, BATTERIES, PERIOD_S);
  await agents.answered(agents.start(), 60);
  for (const fault of FAULTS_IN_TURN) yield await inject(fault, environment, agents, agents.others());
}
