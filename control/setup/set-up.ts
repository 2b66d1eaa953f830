import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { type AgentSettings, writeAgentFile, writePinFile } from "./env-file.ts";
import { INSTALLATION, type Installation } from "./installation.ts";
import { INSTANCE_RULE, isInstance, unitOf } from "./instance-name.ts";
import type { Systemd } from "./systemd.ts";

export interface SetUpDeps extends Pick<Installation, "files" | "pins"> {
  readonly systemd: Systemd;
}

/** @throws {UsageError} unless root runs the command, which changes services of this machine */
export function requireRoot(uid: number, command: string): void {
  if (uid !== 0) throw new UsageError(`${command} changes services of this machine: sudo ${command} …`);
}

/** The directories of the installed package. @throws {UsageError} if it is not installed */
export function installedPlace(systemd: Systemd): SetUpDeps {
  return placeAt(systemd, INSTALLATION);
}

/** @throws {UsageError} if a part of it is missing */
export function placeAt(systemd: Systemd, { files, pins }: Pick<Installation, "files" | "pins">): SetUpDeps {
  const missing = [files, pins].find((folder) => !existsSync(folder));
  if (missing) throw new UsageError(`${missing} is missing: install the package bms first`);
  return { systemd, files, pins };
}

/** The reason why a new battery cannot have this name; undefined if it can. */
export function checkName(name: string, files: string): string | undefined {
  if (!isInstance(name)) return `"${name}" cannot be the name of a service: expected ${INSTANCE_RULE}`;
  if (!existsSync(join(files, `${name}.env`))) return undefined;
  return `"${name}" exists already: choose another name, or sudo bmsctl remove ${name} first`;
}

/**
 * Writes the settings and the password, and starts the service, now and at every boot.
 * @throws {UsageError} {ServiceError}
 */
export async function setUpBattery(
  name: string,
  settings: AgentSettings,
  pin: string | undefined,
  { systemd, files, pins }: SetUpDeps,
): Promise<void> {
  const problem = checkName(name, files);
  if (problem) throw new UsageError(problem);
  if (pin !== undefined) writePinFile(pins, name, pin);
  writeAgentFile(files, name, settings);
  await systemd.control("enable", "--now", unitOf(name));
}
