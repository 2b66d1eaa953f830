import { scanFor } from "../../agent/drivers/discovery.ts";
import { openRadio, type RadioChoice } from "../../agent/radio/open-radio.ts";
import { RadioError, RESTART_BLUETOOTH } from "../../agent/radio/radio.ts";
import type { CommandDeps } from "../../common/cli/command.ts";
import type { Log } from "../../common/runtime/log.ts";
import { type Finding, ok, wrong } from "./finding.ts";

/** One scan window: a longer scan keeps running agents from connecting. */
const SCAN_MS = 3_000;

/** Scans for a moment. */
export async function checkBluetooth(
  choice: RadioChoice,
  { clock, log, stop }: Pick<CommandDeps, "clock" | "stop"> & { readonly log: Log },
): Promise<Finding> {
  try {
    const radio = await openRadio(choice, { clock, log });
    try {
      const { length } = await scanFor(SCAN_MS, { radio, clock }, stop);
      if (length === 0) return ok("Bluetooth", "works, but no device is in range; if one should be", RESTART_BLUETOOTH);
      const count = length === 1 ? "1 device" : `${length} devices`;
      return ok("Bluetooth", `works; ${count} in range besides those that are connected`);
    } finally {
      await radio.close();
    }
  } catch (error) {
    if (!(error instanceof RadioError)) throw error;
    return wrong("Bluetooth", error.message);
  }
}
