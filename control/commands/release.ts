import { defineCommand } from "../../agent/cli/command.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { timerOf } from "../setup/batteries.ts";
import { unitOf } from "../setup/instance-name.ts";
import { demandRoot } from "../setup/root.ts";
import { type Services, systemdServices } from "../setup/systemd.ts";

export interface ReleaseOptions {
  readonly name: string;
  readonly minutes: number;
}

const DEFAULT_MINUTES = 10;

export const release = defineCommand<ReleaseOptions>({
  name: "release",
  about: `Lends a battery to somebody else, such as its maker's app on a phone, and takes it back by itself.
A device talks to one at a time.`,
  argument: { name: "name", about: "as in bms-agent list" },
  options: ["minutes"],
  examples: [
    ["sudo bms-agent release solar", "free for 10 minutes"],
    ["sudo bms-agent release solar --minutes 60", "for an hour"],
    ["sudo systemctl start bms-agent@solar", "take it back before"],
  ],
  read: ({ argument, values }) => ({ name: argument, minutes: values.minutes ?? DEFAULT_MINUTES }),
  async run({ name, minutes }, { uid, clock, print }) {
    demandRoot(uid, "bms-agent release");
    await releaseBattery(name, minutes, systemdServices);
    const back = new Date(clock.now() + minutes * 60_000).toTimeString().slice(0, 5);
    print(`${name} is free; it is taken back in ${minutes} min (${back})\n`);
    return 0;
  },
});

/** The way back is laid before the service stops: whatever happens in between, the battery is not forgotten. */
export async function releaseBattery(name: string, minutes: number, services: Services): Promise<void> {
  const [service] = await services.show([unitOf(name)]);
  const timer = timerOf(name);
  const isLent = (await services.show([`${timer}.timer`]))[0]?.active === "active";
  if (service?.active === "inactive" && !isLent) {
    throw new UsageError(
      `bms-agent@${name} is not running, so there is nothing to release; bms-agent list shows what is`,
    );
  }
  await services.control("stop", `${timer}.timer`).catch(() => {});
  await services.startLater(timer, unitOf(name), minutes * 60);
  await services.control("stop", unitOf(name));
}
