import type { Bus, IncomingCall } from "./bus.ts";
import { BusError } from "./bus-error.ts";
import type { Daemon } from "./daemon.ts";
import { DEVICE } from "./names.ts";
import type { Path } from "./objects.ts";

/** Pairing by a passkey: the six digits that a device shows, or that its maker has fixed. */
export interface Pairing {
  /** Has bluetoothd ask us for the passkey of this device, also where the device demands it unasked. Never throws. */
  prepare(device: Path): Promise<void>;
  /** @throws {BusError} */
  pair(device: Path): Promise<void>;
}

/** An exchange of five messages and some cryptography, on a slow link. */
const PAIR_LIMIT_MS = 25_000;
const AGENT_MANAGER = { path: "/org/bluez", interface: "org.bluez.AgentManager1" };
const AGENT = "org.bluez.Agent1";
const AGENT_PATH = "/bms/agent";
/** We can type and cannot show: then a device without a passkey is paired without one. */
const CAPABILITY = "KeyboardOnly";

/** `passkey` from 0 to 999,999. */
export function createPairing(daemon: Daemon, passkey: number): Pairing {
  const ours = new Set<Path>();
  const served = new WeakSet<Bus>();

  /** What bluetoothd asks of our agent object; devices of others are none of our business. */
  async function answer({ member, body: [device] }: IncomingCall): Promise<readonly unknown[]> {
    if (member === "Cancel" || member === "Release") return [];
    const isOurs = typeof device === "string" && ours.has(device);
    if (isOurs && member === "RequestPasskey") return [passkey];
    throw new BusError("org.bluez.Error.Rejected", "no such question is answered here");
  }

  async function prepare(device: Path) {
    ours.add(device);
    const { bus } = daemon;
    if (!bus) return;
    if (!served.has(bus)) {
      served.add(bus);
      bus.onCall((call) => (call.path === AGENT_PATH && call.interface === AGENT ? answer(call) : undefined));
    }
    // A restarted bluetoothd has forgotten it; one that has not says AlreadyExists.
    const body = [AGENT_PATH, CAPABILITY];
    await daemon.call({ ...AGENT_MANAGER, member: "RegisterAgent", signature: "os", body }).catch(() => {});
  }

  return {
    prepare,
    async pair(device) {
      await prepare(device);
      await daemon.call({ path: device, interface: DEVICE, member: "Pair", limitMs: PAIR_LIMIT_MS });
    },
  };
}

/** The passkey that a password may be: one to six digits. */
export function passkeyIn(pin: string | undefined): number | undefined {
  return pin !== undefined && /^\d{1,6}$/.test(pin) ? Number(pin) : undefined;
}
