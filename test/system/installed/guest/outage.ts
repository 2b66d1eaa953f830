import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { check, demand, expect } from "./check.ts";
import { areActive, eventually, run, systemctl, unit } from "./commands.ts";
import { setClock } from "./install.ts";
import { NAMES } from "./paths.ts";
import { readingsFlow, rowsOf } from "./rows.ts";

const STATE = "/var/lib/bms";
/** Readings of each battery that are undelivered at the reboot. */
const UNDELIVERED = 5;

/** Telegraf and the aggregator are stopped; the machine reboots meanwhile. */
export async function outage(): Promise<void> {
  await check("in an outage readings go to the disk", async () => {
    await systemctl("disable", "--now", "telegraf");
    await systemctl("stop", "bms-aggregator");
    await eventually(`${UNDELIVERED} readings of each wait`, async () =>
      (await backlogs()).every((count) => count >= UNDELIVERED),
    );
    expect(
      NAMES.every((name) => spoolBytes(name) > 0),
      waiting(),
    );
    return `${waiting()}; backlogs ${(await backlogs()).join(", ")}`;
  });
}

export async function afterReboot(): Promise<void> {
  await setClock();
  const bootedAt = Date.now();
  let before = 0;
  await demand("after the reboot everything but Telegraf is back by itself", async () => {
    await areActive(...NAMES.map(unit), "bms-aggregator", "victoria-metrics");
    const failed = await run("systemctl", "list-units", "--failed", "--plain", "--no-legend", "bms*");
    expect(failed === "", failed);
  });
  await check("the readings on the disk outlast the reboot", async () => {
    before = storedRows();
    await eventually("the backlogs of all agents", async () => (await backlogs()).every((count) => count > 0));
    return `${waiting()}; backlogs ${(await backlogs()).join(", ")}; Telegraf has ${before} rows`;
  });
  await demand("Telegraf is started: the backlog is delivered", async () => {
    await systemctl("enable", "--now", "telegraf");
    await eventually("no backlog", async () => (await backlogs()).every((count) => count === 0));
    await readingsFlow();
    const late = NAMES.map((name) => rowsOf(name).filter(({ time }) => time < bootedAt).length);
    const total = late.reduce((sum, count) => sum + count, 0);
    expect(
      total - before >= UNDELIVERED * NAMES.length,
      `Telegraf had ${before} rows, and has ${total} of the time before the reboot`,
    );
    return `${total - before} rows of the time before the reboot`;
  });
}

const storedRows = () => NAMES.reduce((sum, name) => sum + rowsOf(name).length, 0);

async function backlogs(): Promise<number[]> {
  const facts = (await run("bmsctl", "list", "--json")).split("\n").map((line) => JSON.parse(line));
  return facts.map(({ backlog }) => backlog ?? Number.NaN);
}

const waiting = () => NAMES.map((name) => `${spoolBytes(name)} bytes of ${name}`).join(", ");

function spoolBytes(name: string): number {
  const folder = join(STATE, `agent-${name}`);
  return readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}
