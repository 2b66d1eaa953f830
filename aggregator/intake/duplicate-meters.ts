import { fullName } from "../../common/model/site.ts";
import type { Log } from "../../common/runtime/log.ts";
import type { Origin } from "../../common/wire/fields.ts";

/** Bounds of what is remembered. */
const MAX_METERS = 4096;
const MAX_DEVICES = 16;

/** Logs each further device under the name of a meter once: in a database the two would become one series. */
export function watchDuplicateMeters(log: Log): (origin: Origin) => void {
  const devicesByMeter = new Map<string, Set<string>>();
  return ({ device, ...origin }) => {
    const meter = fullName(origin);
    const devices = devicesByMeter.get(meter);
    if (!devices) {
      if (devicesByMeter.size < MAX_METERS) devicesByMeter.set(meter, new Set([device]));
      return;
    }
    if (devices.has(device) || devices.size >= MAX_DEVICES) return;
    log.warn(
      `meter "${meter}" is used by ${device} and ${[...devices].join(", ")}: ` +
        "unless one replaces the other, give each its own --meter",
    );
    devices.add(device);
  };
}
