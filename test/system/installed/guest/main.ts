import { readFileSync } from "node:fs";
import { accidents } from "./accidents.ts";
import { addBatteries } from "./add.ts";
import { run } from "./commands.ts";
import { daily } from "./daily.ts";
import { doctor } from "./doctor.ts";
import { install } from "./install.ts";
import { END, formatLine, REBOOT } from "./lines.ts";
import { afterReboot, outage } from "./outage.ts";
import { SHARE } from "./places.ts";
import { say } from "./proof.ts";
import { handOver, removal } from "./removal.ts";
import { upgrade } from "./upgrade.ts";

const FIRST_BOOT = [install, addBatteries, daily, doctor, accidents, outage];
const SECOND_BOOT = [afterReboot, upgrade, handOver, removal];

const isFirstBoot = readFileSync("/proc/cmdline", "utf8").includes("lab=boot1");
let next: "reboot" | "poweroff" = "poweroff";
try {
  for (const act of isFirstBoot ? FIRST_BOOT : SECOND_BOOT) await act();
  say(isFirstBoot ? REBOOT : END);
  if (isFirstBoot) next = "reboot";
} catch (error) {
  say(formatLine("the proof goes on to its end", false, String(error)));
}
await run("bash", "-c", `journalctl --boot --no-pager >${SHARE}/journal-${isFirstBoot ? 1 : 2}`);
await run("systemctl", "--no-block", next);
