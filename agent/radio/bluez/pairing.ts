import { randomInt } from "node:crypto";
import type { Bus, IncomingCall } from "../dbus/bus.ts";
import { BusError } from "../dbus/bus-error.ts";
import { RadioError } from "../radio.ts";
import type { Daemon } from "./client.ts";
import { DEVICE } from "./names.ts";
import { addressIn, type Path } from "./objects.ts";

/** Pairing by a passkey: the six digits that a device shows, or that its maker has fixed. */
export interface Pairing {
  /**
   * Has bluetoothd ask us for the passkey of this device, which may demand it unasked. In the adapter's turn: of agents
   * that are there for everybody bluetoothd asks the first alone. Never throws.
   */
  attend(device: Path): Promise<void>;
  /**
   * Leaves that to others again, where no question can be under way. Never throws.
   */
  leave(): Promise<void>;
  /** The same a while later, when bluetoothd has ended whatever was under way; not when `attend` comes before. */
  leaveLater(): void;
  /** @throws {BusError} */
  pair(device: Path): Promise<void>;
  /** Why a link was lost, where our passkey was the reason. */
  reasonFor(device: Path): RadioError | undefined;
}

/** An exchange of five messages and some cryptography, on a slow link. */
const PAIR_LIMIT_MS = 25_000;
/** A link that falls this soon after the passkey was told fell because of it. */
const CONSEQUENCE_MS = 5_000;
const LEAVE_AFTER_MS = 3_000;
const AGENT_MANAGER = { path: "/org/bluez", interface: "org.bluez.AgentManager1" };
const AGENT = "org.bluez.Agent1";
const AGENT_PATH = "/bms/agent";
/** We can type and cannot show; a device that has no passkey is paired without one. */
const CAPABILITY = "KeyboardOnly";

/** `passkey` from 0 to 999,999, where there is one. */
export function createPairing(daemon: Daemon, passkey: number | undefined): Pairing {
  const served = new WeakSet<Bus>();
  let ours: Path | undefined;
  let leaving: NodeJS.Timeout | undefined;
  let told: { readonly device: Path; readonly at: number } | undefined;

  /**
   * What bluetoothd asks of our agent object. A passkey is always answered with one: BlueZ 5.66 ends with a failed
   * assertion when it gets an error instead. By one that was drawn the pairing fails, and nothing else does.
   */
  async function answer({ member, body: [device] }: IncomingCall): Promise<readonly unknown[]> {
    if (member === "Cancel" || member === "Release") return [];
    if (member !== "RequestPasskey") throw new BusError("org.bluez.Error.Rejected", "only passkeys are told here");
    const isOurs = typeof device === "string" && device === ours;
    if (isOurs) told = { device, at: performance.now() };
    return [isOurs && passkey !== undefined ? passkey : randomInt(1_000_000)];
  }

  /** Agents are forgotten by a bluetoothd that restarts; one that has not says AlreadyExists or DoesNotExist. */
  async function manage(member: string, signature: string, body: unknown[]) {
    await daemon.call({ ...AGENT_MANAGER, member, signature, body }).catch((error: unknown) => {
      if (!(error instanceof BusError)) throw error;
    });
  }

  async function attend(device: Path) {
    clearTimeout(leaving);
    ours = device;
    const { bus } = daemon;
    if (!bus) return;
    if (!served.has(bus)) {
      served.add(bus);
      bus.onCall((call) => (call.path === AGENT_PATH && call.interface === AGENT ? answer(call) : undefined));
    }
    await manage("RegisterAgent", "os", [AGENT_PATH, CAPABILITY]);
  }

  async function leave() {
    clearTimeout(leaving);
    if (ours === undefined) return;
    ours = undefined;
    await manage("UnregisterAgent", "o", [AGENT_PATH]);
  }

  return {
    attend,
    leave,
    leaveLater() {
      clearTimeout(leaving);
      leaving = setTimeout(() => void leave(), LEAVE_AFTER_MS).unref();
    },
    async pair(device) {
      await attend(device);
      await daemon.call({ path: device, interface: DEVICE, member: "Pair", limitMs: PAIR_LIMIT_MS });
    },
    reasonFor(device) {
      if (told?.device !== device || performance.now() - told.at > CONSEQUENCE_MS) return undefined;
      return passkey === undefined ? passkeyWanted(device) : passkeyRefused(device);
    },
  };
}

function passkeyWanted(device: Path): RadioError {
  return new RadioError("pairing-needed", `${addressIn(device)} demands a passkey: give it with --pin`);
}

function passkeyRefused(device: Path): RadioError {
  return new RadioError("pairing-needed", `${addressIn(device)} broke the link off at the passkey: is --pin right?`);
}

/** The passkey that a password may be: one to six digits. */
export function passkeyIn(pin: string | undefined): number | undefined {
  return pin !== undefined && /^\d{1,6}$/.test(pin) ? Number(pin) : undefined;
}
