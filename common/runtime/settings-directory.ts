import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Address } from "../model/address.ts";

/** Of the installed package; its group may write there. */
const INSTALLED = "/var/lib/bms/settings";

/** The directory of everything that bmsctl keeps about the parameters of packs: as given, of the package, or of the user. */
export function settingsDirectory(env: Readonly<Record<string, string | undefined>>): string {
  if (env.BMS_SETTINGS_DIRECTORY) return env.BMS_SETTINGS_DIRECTORY;
  if (existsSync(INSTALLED)) return INSTALLED;
  return join(env.XDG_STATE_HOME || join(env.HOME ?? homedir(), ".local/state"), "bms/settings");
}

/**
 * The marker of a pack that bmsctl has put into factory mode. Whoever connects to the pack next and finds it leaves the
 * mode and removes the marker. Agents may write in its folder, and in no other of the directory.
 */
export function factoryModeMarker(directory: string, address: Address): string {
  return join(directory, "factory-mode", address.replaceAll(":", "-"));
}
