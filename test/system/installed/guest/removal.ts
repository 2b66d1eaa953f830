import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { check, expect } from "./check.ts";
import { eventually, run, systemctl, unit } from "./commands.ts";
import { ANSWERS, addressOf, EVENTS, NAMES, PROGRAMS, ROWS, SHARE } from "./paths.ts";
import { measuredSince } from "./rows.ts";

/** Stops everything in the order in which nothing is lost, and copies answers, rows and events to the host. */
export async function copyEvidence(): Promise<void> {
  await check("everything stops in order, and starts again", async () => {
    await systemctl("stop", ...NAMES.map(unit));
    await systemctl("stop", "bms-aggregator");
    await systemctl("stop", "telegraf");
    copyFileSync(ROWS, join(SHARE, "rows"));
    copyFileSync(ANSWERS, join(SHARE, "answers.jsonl"));
    copyFileSync(EVENTS, join(SHARE, "events.jsonl"));
    await systemctl("start", "telegraf", "bms-aggregator", ...NAMES.map(unit));
  });
}

export async function removal(): Promise<void> {
  await check("remove ends a service and forgets its settings", async () => {
    await run("bmsctl", "remove", "inverter");
    const table = await run("bmsctl", "list");
    expect(!existsSync("/etc/bms/agents/inverter.env") && !table.includes("inverter"), table);
  });
  await check("an address is enough for a service: no file, its readings under its address", async () => {
    const since = Date.now();
    const address = addressOf("inverter");
    await systemctl("start", unit(address));
    await eventually(`a reading of ${address}`, async () => measuredSince(address, since).length > 0);
    await systemctl("stop", unit(address));
  });
  await run("bmsctl", "release", "solar", "--minutes", "60");
  await check("apt removes the package", async () => void (await run("apt-get", "remove", "-y", "bms")));
  await check("removal leaves the configuration and undelivered readings", async () => {
    const files = (await run("find", "/etc/bms", "-type", "f")).split("\n").sort().join(" ");
    expect(files.includes("/etc/bms/agents/solar.env") && existsSync("/var/lib/bms"), files);
    return files;
  });
  await check("and nothing else: no file, no process, no unit", async () => {
    const left = ["/run/bms", "/run/bms-agent", "/usr/lib/bms", "/usr/bin/bms-agent", "/usr/bin/bmsctl"].filter(
      existsSync,
    );
    const units = await run("systemctl", "list-units", "--all", "--plain", "--no-legend", "bms*");
    const running = commandLines().filter((line) => line.includes("/usr/lib/bms"));
    expect(left.length === 0 && units === "" && running.length === 0, [...left, units, ...running].join(" "));
  });
  await check("purge leaves nothing", async () => {
    await run("apt-get", "purge", "-y", "bms");
    // Not of the package: Telegraf's snippet, which was copied by hand, this suite's programs, and man's cache.
    rmSync("/etc/telegraf/telegraf.d/battery.conf");
    const excluded = ["/proc", PROGRAMS, "/var/cache/man"].flatMap((folder) => ["-not", "-path", `${folder}/*`]);
    const files = await run("find", "/", "-xdev", "-name", "*bms*", ...excluded);
    const named = async (database: "passwd" | "group") =>
      (await run("getent", database)).split("\n").filter((line) => /^bms\b/.test(line));
    const user = (await named("passwd")).join(" ");
    const group = (await named("group")).join(" ");
    expect(
      [files, user, group].every((found) => found === ""),
      `${files} ${user} ${group}`,
    );
  });
}

/** The command line of every process. */
function commandLines(): string[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      return /^\d+$/.test(name) ? readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ") : [];
    } catch {
      // It has ended in the meantime.
      return [];
    }
  });
}
