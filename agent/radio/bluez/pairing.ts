import type { Clock } from "../../../common/runtime/clock.ts";
import type { Bus, IncomingCall } from "../dbus/bus.ts";
import { BusError } from "../dbus/bus-error.ts";
import { RadioError } from "../radio.ts";
import type { BluezClient } from "./client.ts";
import { DEVICE } from "./names.ts";
import { addressIn, type Path } from "./objects.ts";

/** Pairing by a passkey: the six digits that a device shows, or that its manufacturer has fixed. */
export interface Pairing {
  readonly hasPasskey: boolean;
  /**
   * Registers our pairing agent for this device, which may demand a passkey at any time. Hold the adapter lease:
   * bluetoothd asks only the agent that was registered first. Never throws.
   */
  offer(device: Path): Promise<void>;
  /** Unregisters the agent, where no request can be under way. Never throws. */
  withdraw(): Promise<void>;
  /** Withdraws once bluetoothd has ended whatever was under way, unless `offer` comes before. */
  withdrawLater(): void;
  /** @throws {BusError} */
  pair(device: Path): Promise<void>;
  /** The reason why a link was lost, when our passkey caused it. */
  reasonFor(device: Path): RadioError | undefined;
  close(): void;
}

/** An exchange of five messages and some cryptography, on a slow link. */
const PAIR_LIMIT_MS = 25_000;
/** A link that is lost this soon after the passkey was sent was lost because of it. */
const CONSEQUENCE_MS = 5_000;
const WITHDRAW_AFTER_MS = 3_000;
const AGENT_MANAGER = { path: "/org/bluez", interface: "org.bluez.AgentManager1" };
const AGENT = "org.bluez.Agent1";
const AGENT_PATH = "/bms/agent";
/** Can enter a passkey and cannot show one; a device that has none is paired without. */
const CAPABILITY = "KeyboardOnly";

export interface PairingDeps {
  readonly client: BluezClient;
  readonly clock: Clock;
}

/** `passkey` from 0 to 999,999, where there is one. */
export function createPairing(passkey: number | undefined, { client, clock }: PairingDeps): Pairing {
  const served = new WeakSet<Bus>();
  let current: Path | undefined;
  let withdrawal = new AbortController();
  let sent: { readonly device: Path; readonly atMs: number } | undefined;

  /**
   * Answers bluetoothd's calls on our agent object. RequestPasskey is always answered with a passkey: BlueZ 5.66 aborts
   * on a failed assertion when it gets an error instead. A random one fails the pairing and nothing else.
   */
  async function answer({ member, body: [device] }: IncomingCall): Promise<readonly unknown[]> {
    if (member === "Cancel" || member === "Release") return [];
    if (member !== "RequestPasskey") throw new BusError("org.bluez.Error.Rejected", "only passkeys are supported");
    const isOurs = typeof device === "string" && device === current;
    if (isOurs) sent = { device, atMs: clock.monotonic() };
    if (isOurs && passkey !== undefined) return [passkey];
    // Loaded for this rare call only: it costs 1 MB.
    const { randomInt } = await import("node:crypto");
    return [randomInt(1_000_000)];
  }

  /** A restarted bluetoothd has forgotten all agents; otherwise it may report AlreadyExists or DoesNotExist. */
  async function manage(member: string, signature: string, body: unknown[]) {
    await client.call({ ...AGENT_MANAGER, member, signature, body }).catch((error: unknown) => {
      if (!(error instanceof BusError)) throw error;
    });
  }

  async function offer(device: Path) {
    withdrawal.abort();
    current = device;
    const { bus } = client;
    if (!bus) return;
    if (!served.has(bus)) {
      served.add(bus);
      bus.onCall((call) => (call.path === AGENT_PATH && call.interface === AGENT ? answer(call) : undefined));
    }
    await manage("RegisterAgent", "os", [AGENT_PATH, CAPABILITY]);
  }

  async function withdraw() {
    withdrawal.abort();
    if (current === undefined) return;
    current = undefined;
    await manage("UnregisterAgent", "o", [AGENT_PATH]);
  }

  return {
    hasPasskey: passkey !== undefined,
    offer,
    withdraw,
    withdrawLater() {
      withdrawal.abort();
      withdrawal = new AbortController();
      clock.sleep(WITHDRAW_AFTER_MS, withdrawal.signal).then(withdraw, () => {});
    },
    async pair(device) {
      await offer(device);
      await client.call({ path: device, interface: DEVICE, member: "Pair", limitMs: PAIR_LIMIT_MS });
    },
    reasonFor(device) {
      if (sent?.device !== device || clock.monotonic() - sent.atMs > CONSEQUENCE_MS) return undefined;
      return passkey === undefined ? passkeyWanted(device) : passkeyRefused(device);
    },
    close: () => withdrawal.abort(),
  };
}

function passkeyWanted(device: Path): RadioError {
  return new RadioError("pairing-needed", `${addressIn(device)} demands a passkey: give it with --pin`);
}

function passkeyRefused(device: Path): RadioError {
  return new RadioError("pairing-needed", `${addressIn(device)} broke the link off at the passkey: is --pin right?`);
}

/** The passkey in a password of one to six digits; undefined in any other. */
export function passkeyIn(pin: string | undefined): number | undefined {
  return pin !== undefined && /^\d{1,6}$/.test(pin) ? Number(pin) : undefined;
}
