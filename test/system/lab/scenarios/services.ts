import { createFleet } from "../guest/fleet.ts";
import type { Scenario } from "../guest/scenario.ts";
import type { Stage } from "../guest/stage.ts";
import { bringOn, type Trouble } from "../guest/trouble.ts";
import type { Finding } from "../report.ts";

const BATTERIES = { jbd: 2, thornwave: 1 };
const PERIOD_S = 1;
const GOAL_S = 20;
const AWAY_S = 5;

/** As the service manager does after its end, and an operator after its start. */
const restartDaemon = (signal: NodeJS.Signals): Pick<Trouble, "begin" | "end"> => ({
  begin: ({ stack }) => stack.stopBluetoothd(signal),
  end: ({ stack }) => stack.startBluetoothd(),
});

const TROUBLES: readonly Trouble[] = [
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
    async begin({ stack }, fleet) {
      await Promise.all(fleet.agents.map(({ process }) => process?.stop("SIGTERM")));
      await stack.stopBluetoothd("SIGTERM");
      fleet.start();
    },
    lastsSeconds: AWAY_S,
    end: ({ stack }) => stack.startBluetoothd(),
    goalSeconds: GOAL_S,
  },
];

export const SERVICES: Scenario = {
  name: "services",
  about: "bluetoothd, dbus-daemon and the adapter go away and come back: so do all agents, by themselves",
  batteries: BATTERIES,
  run,
};

async function* run(stage: Stage): AsyncIterable<Finding> {
  const fleet = createFleet(stage, BATTERIES, PERIOD_S);
  await fleet.answered(fleet.start(), 60);
  for (const trouble of TROUBLES) yield await bringOn(trouble, stage, fleet, fleet.others());
}
