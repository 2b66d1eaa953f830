import { appendFileSync } from "node:fs";
import { outputOf } from "../../../../control/setup/systemd.ts";
import type { TimelineEvent } from "../../../support/proof/timeline.ts";
import { until } from "../../../support/until.ts";
import { sendCommand } from "../../lab/guest/controller-client.ts";
import { addressOf, type BatteryName, EVENTS } from "./paths.ts";

/** Generous, as the processor is slow, ms. */
const WITHIN_MS = 120_000;
/** Seldom, as each look takes time from the processor that is waited for. */
const LOOK_EVERY_MS = 1_000;

/** As `until`, with the time that this machine needs. */
export function eventually<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  return until(what, look, WITHIN_MS, LOOK_EVERY_MS);
}

/** Runs a command and returns its stdout. @throws {Error} with its output, where it fails */
export async function run(command: string, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await outputOf(command, args);
  if (status === 0) return stdout.trim();
  throw new Error(`${command} ${args.join(" ")}: status ${status}: ${`${stdout}${stderr}`.trim()}`);
}

export const systemctl = (...words: readonly string[]) => run("systemctl", ...words);

export const unit = (battery: string) => `bms-agent@${battery}`;

/** The number of times that systemd has restarted a service by itself. */
export async function restarts(service: string): Promise<number> {
  return Number(await systemctl("show", "--property=NRestarts", "--value", service));
}

export async function mainPid(service: string): Promise<string> {
  return await systemctl("show", "--property=MainPID", "--value", service);
}

/** Waits until the services are active. @throws {Error} with their names */
export async function areActive(...services: readonly string[]): Promise<void> {
  await eventually(`active: ${services.join(", ")}`, async () => {
    await systemctl("is-active", ...services);
    return true;
  });
}

/** Puts a fault around a simulated battery. */
export async function setFault(battery: BatteryName, fault: string): Promise<void> {
  await sendCommand(`set ${addressOf(battery)} ${fault}`);
}

export async function clearFault(battery: BatteryName, fault: string): Promise<void> {
  await sendCommand(`clear ${addressOf(battery)} ${fault}`);
}

/** Records an event for the verdict about every reading. */
export function recordEvent(component: string, what: TimelineEvent["what"]): void {
  appendFileSync(EVENTS, `${JSON.stringify({ at: Date.now(), component, what } satisfies TimelineEvent)}\n`);
}
