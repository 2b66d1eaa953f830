import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { eventually, run, systemctl, unit } from "./commands.ts";
import { ANSWERS, addressOf, NAMES, PROGRAMS, ROWS, SHARE } from "./places.ts";
import { check, expect } from "./proof.ts";
import { measuredSince } from "./rows.ts";
import { STORY } from "./story.ts";

/** Everything ends in the order in which nothing is lost; the host gets what was said and what was stored. */
export async function handOver(): Promise<void> {
  await check("everything ends in order, and starts again", async () => {
    await systemctl("stop", ...NAMES.map(unit));
    await systemctl("stop", "bms-aggregator");
    await systemctl("stop", "telegraf");
    copyFileSync(ROWS, join(SHARE, "rows"));
    copyFileSync(ANSWERS, join(SHARE, "answers.jsonl"));
    copyFileSync(STORY, join(SHARE, "story.jsonl"));
    await systemctl("start", "telegraf", "bms-aggregator", ...NAMES.map(unit));
  });
}

export async function removal(): Promise<void> {
  await check("remove ends a service and forgets its settings", async () => {
    await run("bms-agent", "remove", "inverter");
    const table = await run("bms-agent", "list");
    expect(!existsSync("/etc/bms/agents/inverter.env") && !table.includes("inverter"), table);
  });
  await check("an address is enough for a service: no file, its readings under its address", async () => {
    const since = Date.now();
    const address = addressOf("inverter");
    await systemctl("start", unit(address));
    await eventually(`a reading of ${address}`, async () => measuredSince(address, since).length > 0);
    await systemctl("stop", unit(address));
  });
  await run("bms-agent", "release", "solar", "--minutes", "60");
  await check("apt removes the package", async () => void (await run("apt-get", "remove", "-y", "bms")));
  await check("removal leaves the configuration", async () => {
    const files = (await run("find", "/etc/bms", "-type", "f")).split("\n").sort().join(" ");
    expect(files.includes("/etc/bms/agents/solar.env"), files);
    return files;
  });
  await check("and nothing else: no file, no process, no unit", async () => {
    const left = ["/var/lib/bms", "/run/bms", "/run/bms-agent", "/usr/lib/bms", "/usr/bin/bms-agent"].filter(
      existsSync,
    );
    const units = await run("systemctl", "list-units", "--all", "--plain", "--no-legend", "bms*");
    const running = commandLines().filter((line) => line.includes("/usr/lib/bms"));
    expect(left.length === 0 && units === "" && running.length === 0, [...left, units, ...running].join(" "));
  });
  await check("purge leaves nothing", async () => {
    await run("apt-get", "purge", "-y", "bms");
    // Not ours: Telegraf's snippet, which the person has put there, the proof's own, and man's cache of pages it has shown.
    rmSync("/etc/telegraf/telegraf.d/battery.conf");
    const theirs = ["/proc", PROGRAMS, "/var/cache/man"].flatMap((folder) => ["-not", "-path", `${folder}/*`]);
    const files = await run("find", "/", "-xdev", "-name", "*bms*", ...theirs);
    const user = await run("getent", "passwd", "bms").catch(() => "");
    const group = await run("getent", "group", "bms").catch(() => "");
    expect(
      [files, user, group].every((found) => found === ""),
      `${files} ${user} ${group}`,
    );
  });
}

/** Of every process. */
function commandLines(): string[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      return /^\d+$/.test(name) ? readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ") : [];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}
