import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { type AgentSettings, groupIdOf, writeAgentFile } from "./env-file.ts";
import { AGENT_FILES, INSTANCE_RULE, isInstance, unitOf } from "./instance-name.ts";
import type { Services } from "./systemd.ts";

export interface SetUpPlace {
  readonly services: Services;
  /** Folder of the agents' environment files. */
  readonly files: string;
  /** Number of the services' group. */
  readonly groupId: number;
}

/** The place that the package has made. @throws {UsageError} where it is not installed */
export function installedPlace(services: Services): SetUpPlace {
  return placeAt(services, AGENT_FILES, groupIdOf("bms"));
}

/** @throws {UsageError} where a part of it is missing */
export function placeAt(services: Services, files: string, groupId: number | undefined): SetUpPlace {
  if (groupId === undefined || !existsSync(files)) {
    throw new UsageError(`${files} or the group bms is missing: install the package bms first`);
  }
  return { services, files, groupId };
}

/** Why a battery cannot be called so; undefined where it can. */
export function complaintAboutName(name: string, files: string): string | undefined {
  if (!isInstance(name)) return `"${name}" cannot be the name of a service: say ${INSTANCE_RULE}`;
  if (!existsSync(join(files, `${name}.env`))) return undefined;
  return `there is a "${name}" already: choose another name, or sudo bms-agent remove ${name} first`;
}

/** Lays the settings down and starts the service, now and at every boot. @throws {UsageError} {ServiceError} */
export async function setUpBattery(name: string, settings: AgentSettings, place: SetUpPlace): Promise<void> {
  const { services, files, groupId } = place;
  const complaint = complaintAboutName(name, files);
  if (complaint) throw new UsageError(complaint);
  writeAgentFile(files, name, settings, groupId);
  await services.control("enable", "--now", unitOf(name));
}
