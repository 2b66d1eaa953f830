import type { Log } from "../../common/runtime/log.ts";
import type { Origin } from "../../common/wire/messages.ts";

/** Names that are watched, and devices under each. */
const MAX_NAMES = 4096;
const MAX_DEVICES = 16;

/** Says it once when another device uses a name: in a database the two would blend into one. */
export function createNameWatch(log: Log): (origin: Origin) => void {
  const devicesByMeter = new Map<string, Set<string>>();
  return ({ meter, device }) => {
    const devices = devicesByMeter.get(meter);
    if (!devices) {
      if (devicesByMeter.size < MAX_NAMES) devicesByMeter.set(meter, new Set([device]));
      return;
    }
    if (devices.has(device) || devices.size >= MAX_DEVICES) return;
    log.warn(
      `meter "${meter}" names ${device} and ${[...devices].join(", ")}: unless one replaces the other, give each --meter`,
    );
    devices.add(device);
  };
}
