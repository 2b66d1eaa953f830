import { loadLibc } from "../../common/runtime/libc.ts";
import type { systemBusAddress } from "../radio/dbus/bus.ts";
import { type EvidenceSources, readClockEvidence } from "./clock-evidence.ts";
import type { ClockEvidence } from "./clock-state.ts";

type BusEnvironment = Parameters<typeof systemBusAddress>[0];

const TIMEDATED = "org.freedesktop.timedate1";
const LIMIT_MS = 5_000;

/** The evidence of this computer. */
export function machineClockEvidence(clock: EvidenceSources["clock"], env: BusEnvironment): Promise<ClockEvidence> {
  return readClockEvidence({ clock, loadLibc, isNtpSynchronised: () => isNtpSynchronised(env) });
}

/**
 * Asks systemd-timedated whether the kernel counts its clock as synchronised. It is started by this call where it is not
 * running, and every user may read it. Undefined where there is no such service.
 */
export async function isNtpSynchronised(env: BusEnvironment): Promise<boolean | undefined> {
  try {
    // The library costs memory, and most computers never need it for this.
    const { openBus, systemBusAddress } = await import("../radio/dbus/bus.ts");
    const address = systemBusAddress(env);
    const bus = await openBus({ address, service: TIMEDATED, openLimitMs: LIMIT_MS }, { ignored: () => {} });
    try {
      const [value] = await bus.call({
        path: "/org/freedesktop/timedate1",
        interface: "org.freedesktop.DBus.Properties",
        member: "Get",
        signature: "ss",
        body: [TIMEDATED, "NTPSynchronized"],
        limitMs: LIMIT_MS,
        startsService: true,
      });
      return typeof value === "boolean" ? value : undefined;
    } finally {
      bus.close();
    }
  } catch {
    return undefined;
  }
}
