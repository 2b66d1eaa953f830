import { existsSync, rmSync } from "node:fs";
import type { Log } from "../../common/runtime/log.ts";
import type { DeviceConnection } from "./device-connection.ts";

/**
 * Leaves the mode in which a bmsctl that was killed has left the device, if the marker exists. A failure costs no reading:
 * it is logged, and tried again on the next link.
 */
export async function leaveMarkedMode(
  { settings }: Pick<DeviceConnection, "settings">,
  marker: string,
  log: Log,
): Promise<void> {
  if (!settings || !existsSync(marker)) return;
  try {
    await settings.leave({ commit: false });
    rmSync(marker, { force: true });
    log.warn("left factory mode, into which an interrupted bmsctl had put the pack; bmsctl doctor shows what it left");
  } catch (error) {
    log.warn(`cannot leave factory mode: ${(error as Error).message}`);
  }
}
