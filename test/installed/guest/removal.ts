import { copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../until.ts";
import { PATIENCE_MS, run, systemctl, unit } from "./commands.ts";
import { ANSWERS, addressOf, NAMES, ROWS, SHARE } from "./places.ts";
import { check, expect } from "./proof.ts";
import { measuredSince } from "./rows.ts";
import { STORY } from "./story.ts";

/** Everything ends in the order in which nothing is lost; the host gets what was said and what was stored. */
export async function handOver(): Promise<void> {
  await check("batteries are released, and Telegraf ends", async () => {
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
    await until(`a reading of ${address}`, async () => measuredSince(address, since).length > 0, PATIENCE_MS);
    await systemctl("stop", unit(address));
  });
  await check("apt removes the package", async () => void (await run("apt-get", "remove", "-y", "bms")));
  await check("removal leaves the configuration", async () => {
    const files = (await run("find", "/etc/bms", "-type", "f")).split("\n").sort().join(" ");
    expect(files.includes("/etc/bms/agents/solar.env"), files);
    return files;
  });
  await check("and nothing else: no file, no process, no failed unit", async () => {
    const left = ["/var/lib/bms", "/run/bms", "/run/bms-agent", "/usr/lib/bms", "/usr/bin/bms-agent"].filter(
      existsSync,
    );
    const failed = await run("systemctl", "list-units", "--failed", "--plain", "--no-legend", "bms*");
    const running = await run("ps", "-C", "node", "-o", "args=").catch(() => "");
    expect(
      left.length === 0 && failed === "" && !running.includes("/usr/lib/bms"),
      [...left, failed, running].join(" "),
    );
  });
  await check("purge leaves nothing", async () => {
    await run("apt-get", "purge", "-y", "bms");
    // Ours from before the package: Telegraf's snippet, which the person has put there, and its user.
    rmSync("/etc/telegraf/telegraf.d/battery.conf");
    const found = await run(
      "find",
      "/",
      "-xdev",
      "-name",
      "*bms*",
      "-not",
      "-path",
      "/proc/*",
      "-not",
      "-path",
      "/opt/proof/*",
    );
    const journals = found.split("\n").filter((path) => path !== "");
    const user = await run("getent", "passwd", "bms").catch(() => "");
    const group = await run("getent", "group", "bms").catch(() => "");
    expect(journals.length === 0 && user === "" && group === "", `${found} ${user} ${group}`);
  });
}
