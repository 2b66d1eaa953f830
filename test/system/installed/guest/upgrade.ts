import { readFileSync } from "node:fs";
import { check, demand, expect } from "./check.ts";
import { areActive, run, unit } from "./commands.ts";
import { NAMES, NEWER, SHARE } from "./paths.ts";
import { readingsFlow } from "./rows.ts";

const SETTINGS = ["/etc/bms/agents/bms.env", "/etc/bms/agents/solar.env", "/etc/bms/agents/inverter.env"];

/** Installs a higher version while everything runs. */
export async function upgrade(): Promise<void> {
  const read = () => SETTINGS.map((file) => readFileSync(file, "utf8")).join("");
  const before = read();
  await demand("apt upgrades the package while everything runs", async () => {
    await run("apt-get", "install", "-y", `${SHARE}/bms_${NEWER}_amd64.deb`);
    return await run("dpkg-query", "--show", "bms");
  });
  await check("the settings stay", async () => expect(read() === before, read()));
  await check("all services run the new version, and read", async () => {
    await areActive(...NAMES.map(unit), "bms-aggregator");
    return await readingsFlow();
  });
}
