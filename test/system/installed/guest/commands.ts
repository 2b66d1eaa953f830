import { outputOf } from "../../../../control/setup/command-output.ts";
import { until } from "../../../support/until.ts";

/** How long the slow processor may take for what takes a second elsewhere, ms. */
const PATIENCE_MS = 120_000;
/** Looking costs the same processor, so that who looks all the time makes what is waited for late. */
const LOOK_EVERY_MS = 1_000;

/** As `until`, with the patience that this machine needs. */
export function eventually<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  return until(what, look, PATIENCE_MS, LOOK_EVERY_MS);
}

/** What a command prints. @throws {Error} with all it said, where it fails */
export async function run(command: string, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await outputOf(command, args);
  if (status === 0) return stdout.trim();
  throw new Error(`${command} ${args.join(" ")}: status ${status}: ${`${stdout}${stderr}`.trim()}`);
}

export const systemctl = (...words: readonly string[]) => run("systemctl", ...words);

export const unit = (battery: string) => `bms-agent@${battery}`;

/** How often systemd has restarted a service by itself. */
export async function restarts(service: string): Promise<number> {
  return Number(await systemctl("show", "--property=NRestarts", "--value", service));
}

export async function mainPid(service: string): Promise<string> {
  return await systemctl("show", "--property=MainPID", "--value", service);
}

/** @throws {Error} that names those that are not */
export async function areActive(...services: readonly string[]): Promise<void> {
  await eventually(`active: ${services.join(", ")}`, async () => {
    await systemctl("is-active", ...services);
    return true;
  });
}
