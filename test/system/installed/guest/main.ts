import { appendFileSync, readFileSync } from "node:fs";
import { uptime } from "node:os";
import { addBatteries } from "./add.ts";
import { report } from "./check.ts";
import { recordEvent, run } from "./commands.ts";
import { crashes } from "./crashes.ts";
import { daily } from "./daily.ts";
import { doctor } from "./doctor.ts";
import { install, upgrade } from "./install.ts";
import { intruders } from "./intruders.ts";
import { afterReboot, outage } from "./outage.ts";
import { EVENTS, SHARE } from "./paths.ts";
import { copyEvidence, removal } from "./removal.ts";
import { viewer } from "./viewer.ts";

const FIRST_BOOT = [install, addBatteries, daily, viewer, doctor, crashes, outage];
const SECOND_BOOT = [afterReboot, upgrade, copyEvidence, removal];
/** Parts that run alone: `INSTALLED_PART=intruders npm run test:installed`. */
const ALONE: Readonly<Record<string, () => Promise<void>>> = {
  daily,
  viewer,
  intruders,
  doctor,
  crashes,
};
const HEARTBEAT_MS = 10_000;

const [, boot, part = ""] = /words=([^,\s]+),?(\S*)/.exec(readFileSync("/proc/cmdline", "utf8")) ?? [];
const isFirstBoot = boot === "boot1";
const alone = ALONE[part];
const parts = alone ? [install, addBatteries, alone, copyEvidence] : isFirstBoot ? FIRST_BOOT : SECOND_BOOT;
// A part alone may have no event.
appendFileSync(EVENTS, "");
// The host takes a machine that sends nothing for hung.
setInterval(() => process.stdout.write("\n"), HEARTBEAT_MS).unref();
let next: "reboot" | "poweroff" = "poweroff";
try {
  for (const work of parts) await work();
  if (isFirstBoot && !alone) next = "reboot";
  report(next === "reboot" ? { kind: "reboot" } : { kind: "end", seconds: uptime(), busy: Number.NaN });
} catch (error) {
  report({ kind: "finding", finding: { expected: "runs to its end", verdict: "failed", seen: String(error) } });
}
await run("bash", "-c", `journalctl --boot --no-pager >${SHARE}/journal-${isFirstBoot ? 1 : 2}`);
// The virtual adapter stops together with the agents: an answer that is under way has no link any more.
if (next === "reboot") recordEvent("radio", "stopped");
await run("systemctl", "--no-block", next);
