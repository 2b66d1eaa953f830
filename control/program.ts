import type { Program } from "../common/cli/command-line.ts";
import { add } from "./commands/add.ts";
import { alerts } from "./commands/alerts.ts";
import { counters } from "./commands/counters.ts";
import { doctor } from "./commands/doctor.ts";
import { hosts } from "./commands/hosts.ts";
import { hostsMove } from "./commands/hosts-move.ts";
import { hostsName } from "./commands/hosts-name.ts";
import { hostsRevoke } from "./commands/hosts-revoke.ts";
import { join } from "./commands/join.ts";
import { list } from "./commands/list.ts";
import { page } from "./commands/page.ts";
import { pair } from "./commands/pair.ts";
import { release } from "./commands/release.ts";
import { remove } from "./commands/remove.ts";
import { settings } from "./commands/settings.ts";
import { settingsApply } from "./commands/settings-apply.ts";
import { settingsDiff } from "./commands/settings-diff.ts";
import { settingsSet } from "./commands/settings-set.ts";
import { settingsWatch } from "./commands/settings-watch.ts";
import { switchCommand } from "./commands/switch.ts";
import { watch } from "./commands/watch.ts";

export const CONTROL: Program = {
  name: "bmsctl",
  about: "Sets up, shows and checks the batteries of this machine. Each has a service of its own: bms-agent@NAME.",
  commands: [
    add,
    list,
    watch,
    release,
    remove,
    settings,
    settingsDiff,
    settingsSet,
    settingsApply,
    settingsWatch,
    switchCommand,
    counters,
    page,
    alerts,
    pair,
    join,
    hosts,
    hostsName,
    hostsRevoke,
    hostsMove,
    doctor,
  ],
};
