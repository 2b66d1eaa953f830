import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { defineCommand } from "../../common/cli/command.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { findBatteries, timerOf } from "../setup/batteries.ts";
import { INSTALLATION, type Installation } from "../setup/installation.ts";
import { unitOf } from "../setup/instance-name.ts";
import { requireRoot } from "../setup/set-up.ts";
import { type Systemd, systemd } from "../setup/systemd.ts";

export const remove = defineCommand({
  name: "remove",
  about: "Stops a battery's service and removes its settings.",
  argument: { name: "name", about: "as shown by bmsctl list", completes: "battery" },
  options: {},
  examples: [["sudo bmsctl remove solar", "undo bmsctl add solar"]],
  read: ({ argument }) => argument,
  async run(name, { uid, print }) {
    requireRoot(uid, "bmsctl remove");
    const left = await removeBattery(name, INSTALLATION, systemd);
    print(`${name} is removed\n`);
    if (left) print(`${left} still holds readings that were not confirmed: delete it if nobody needs them\n`);
    return 0;
  },
});

/** Returns the directory of unsettled readings if any are left. @throws {UsageError} {ServiceError} */
export async function removeBattery(
  name: string,
  installation: Installation,
  systemd: Systemd,
): Promise<string | undefined> {
  const batteries = await findBatteries(installation, systemd);
  if (!batteries.some((battery) => battery.name === name)) {
    const known = batteries.map((battery) => battery.name).join(", ") || "none";
    throw new UsageError(`no battery "${name}" is set up here; there are: ${known}`);
  }
  await systemd.control("stop", `${timerOf(name)}.timer`).catch(() => {});
  await systemd.control("disable", "--now", unitOf(name));
  // Fails unless the unit has failed.
  await systemd.control("reset-failed", unitOf(name)).catch(() => {});
  rmSync(join(installation.files, `${name}.env`), { force: true });
  rmSync(join(installation.pins, name), { force: true });
  const spool = join(installation.state, `agent-${name}`);
  if (!existsSync(spool)) return undefined;
  if (readdirSync(spool).length > 0) return spool;
  rmdirSync(spool);
  return undefined;
}
