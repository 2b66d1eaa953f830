import { defineCommand } from "../../common/cli/command.ts";
import { type OptionRow, wholeNumber } from "../../common/cli/option.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { timerOf } from "../setup/batteries.ts";
import { unitOf } from "../setup/instance-name.ts";
import { stopForAWhile } from "../setup/lending.ts";
import { requireRoot } from "../setup/set-up.ts";
import { type Systemd, systemd } from "../setup/systemd.ts";

const minutes = {
  flags: "--minutes <count>",
  about: "how long the battery stays released",
  preset: 10,
  ...wholeNumber("minutes", 1440),
} satisfies OptionRow<number>;

export const release = defineCommand({
  name: "release",
  about: `Releases a battery for a while, for example for its maker's app on a phone: a device accepts one connection
at a time. It is taken back automatically.`,
  argument: { name: "name", about: "as shown by bmsctl list", completes: "battery" },
  options: { minutes },
  examples: [
    ["sudo bmsctl release solar", `free for ${minutes.preset} minutes`],
    ["sudo bmsctl release solar --minutes 60", "for an hour"],
    ["sudo systemctl start bms-agent@solar", "take it back early"],
  ],
  read: ({ argument, values }) => ({ name: argument, minutes: values.minutes }),
  async run({ name, minutes }, { uid, clock, print }) {
    requireRoot(uid, "bmsctl release");
    await releaseBattery(name, minutes, systemd);
    const back = new Date(clock.now() + minutes * 60_000).toTimeString().slice(0, 5);
    print(`${name} is free; it is taken back in ${minutes} min (${back})\n`);
    return 0;
  },
});

/** @throws {UsageError} if its service does not run @throws {ServiceError} */
export async function releaseBattery(name: string, minutes: number, systemd: Systemd): Promise<void> {
  const [service] = await systemd.show([unitOf(name)]);
  const isReleased = (await systemd.show([`${timerOf(name)}.timer`]))[0]?.active === "active";
  if (service?.active === "inactive" && !isReleased) {
    throw new UsageError(
      `bms-agent@${name} is not running, so there is nothing to release; bmsctl list shows what is running`,
    );
  }
  await stopForAWhile(name, minutes, systemd);
}
