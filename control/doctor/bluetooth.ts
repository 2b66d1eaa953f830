import { scanFor } from "../../agent/drivers/discovery.ts";
import { openRadio, type RadioChoice } from "../../agent/radio/open-radio.ts";
import { RadioError, RESTART_BLUETOOTH } from "../../agent/radio/radio.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import { type Finding, ok, wrong } from "./finding.ts";

/** One bite of scanning: longer ones keep running agents from connecting. */
const SCAN_MS = 3_000;

/** Whether this machine can talk to devices at all, by listening for a moment. */
export async function examineBluetooth(
  choice: RadioChoice,
  { clock, log, stop }: { readonly clock: Clock; readonly log: Log; readonly stop: AbortSignal },
): Promise<Finding> {
  try {
    const radio = await openRadio(choice, { clock, log });
    try {
      const heard = await scanFor(SCAN_MS, { radio, clock }, stop);
      if (heard.length === 0) {
        return ok("Bluetooth", `works, but no device is heard; if one is on and in range: ${RESTART_BLUETOOTH}`);
      }
      const count = heard.length === 1 ? "1 device is" : `${heard.length} devices are`;
      return ok("Bluetooth", `works; ${count} heard besides those that are connected`);
    } finally {
      await radio.close();
    }
  } catch (error) {
    if (!(error instanceof RadioError)) throw error;
    return wrong("Bluetooth", error.message);
  }
}
