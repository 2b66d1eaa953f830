import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { defineCommand } from "../../agent/cli/command.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { findBatteries, timerOf } from "../setup/batteries.ts";
import { AGENT_FILES, unitOf } from "../setup/instance-name.ts";
import { demandRoot } from "../setup/root.ts";
import { type Services, systemdServices } from "../setup/systemd.ts";

/** Where the agents' unsettled readings wait. */
const STATE = "/var/lib/bms";

export const remove = defineCommand<{ readonly name: string }>({
  name: "remove",
  about: "Ends a battery's service for good and removes its settings.",
  argument: { name: "name", about: "as in bms-agent list" },
  options: [],
  examples: [["sudo bms-agent remove solar", "as if it had never been added"]],
  read: ({ argument }) => ({ name: argument }),
  async run({ name }, { uid, print }) {
    demandRoot(uid, "bms-agent remove");
    const left = await removeBattery(name, { services: systemdServices, files: AGENT_FILES, state: STATE });
    print(`${name} is removed\n`);
    if (left) print(`readings that were not confirmed by then are left in ${left}: remove it if nobody needs them\n`);
    return 0;
  },
});

interface Place {
  readonly services: Services;
  /** Folder of the agents' environment files. */
  readonly files: string;
  readonly state: string;
}

/** The folder with what was not delivered, where something is left. @throws {UsageError} {ServiceError} */
export async function removeBattery(name: string, { services, files, state }: Place): Promise<string | undefined> {
  const batteries = await findBatteries(services, files);
  if (!batteries.some((battery) => battery.name === name)) {
    const known = batteries.map((battery) => battery.name).join(", ") || "none";
    throw new UsageError(`no battery "${name}" is set up here; there are: ${known}`);
  }
  await services.control("stop", `${timerOf(name)}.timer`).catch(() => {});
  await services.control("disable", "--now", unitOf(name));
  // Fails where there is no failure to forget.
  await services.control("reset-failed", unitOf(name)).catch(() => {});
  rmSync(join(files, `${name}.env`), { force: true });
  const kept = join(state, `agent-${name}`);
  if (!existsSync(kept)) return undefined;
  if (readdirSync(kept).length > 0) return kept;
  rmdirSync(kept);
  return undefined;
}
