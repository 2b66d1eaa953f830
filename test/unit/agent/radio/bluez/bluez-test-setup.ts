import type { TestContext } from "node:test";
import { type BluezTimes, bluezCentral } from "../../../../../agent/radio/bluez/central.ts";
import { bindingsFromCentral } from "../../../../../agent/radio/noble/from-central.ts";
import { nobleRadio } from "../../../../../agent/radio/noble/radio.ts";
import type { Radio } from "../../../../../agent/radio/radio.ts";
import type { Address } from "../../../../../common/model/address.ts";
import { abstractLocks } from "../../../../../common/runtime/abstract-locks.ts";
import { systemClock } from "../../../../../common/runtime/clock.ts";
import { type Log, silentLog } from "../../../../../common/runtime/log.ts";
import { createMessageBus } from "../../../../support/dbus/message-bus.ts";
import { type ScriptedBluez, type ScriptedDevice, scriptedBluez } from "../../../../support/dbus/scripted-bluez.ts";

export const PACK: ScriptedDevice = {
  address: "A4:C1:37:00:00:01",
  name: "xiaoxiang",
  rssi: -61,
  companies: [
    [0x0102, Buffer.from([3, 4])],
    [0xc1a4, Buffer.from([5])],
  ],
  gatt: { ff00: { ff01: Buffer.from([1, 2]), ff02: Buffer.alloc(52, 7) } },
};
export const ADAPTER_ADDRESS = "00:11:22:33:44:55";
export const never = new AbortController().signal;
/** An answer that does not come. */
export const unanswered = () => new Promise<never>(() => {});
/** How often a method was called. */
export const count = (calls: readonly string[], member: string) =>
  calls.filter((call) => call.startsWith(`${member} `)).length;

/** Long enough for a busy machine; a test that waits for the end of such a time shortens it. */
const PATIENT: BluezTimes = {
  startMs: 20_000,
  stopMs: 20_000,
  retryMs: 5,
  connectMs: 20_000,
  resolveMs: 20_000,
  readMs: 20,
  disconnectMs: 20_000,
  scanMs: 20_000,
  afterScanMs: 5,
  afterConnectMs: 100,
  parameterUpdateMs: 30,
  listenMs: 20_000,
  strictListenMs: 20_000,
  giveWayMs: 50,
};

export interface RigOptions {
  readonly adapter?: string;
  readonly pin?: string;
  readonly device?: Address;
  readonly log?: Log;
  readonly times?: Partial<BluezTimes>;
  readonly scanWindowMs?: number;
  readonly betweenWindowsMs?: number;
}

export interface Rig {
  readonly bluez: ScriptedBluez;
  /** Radios on the one bluetoothd, as agents have one each. */
  open(options?: RigOptions): Radio;
  /** The adapter's name, different in every test, since leases are named by it on the whole machine. */
  readonly adapter: string;
  /** Path of the pack that advertises. */
  readonly pack: string;
}

let adapters = 0;

/** A scripted bluetoothd with one adapter that receives one pack; ended with the test. */
export async function rig(t: TestContext): Promise<Rig> {
  const bluez = scriptedBluez(await createMessageBus());
  adapters += 1;
  const adapter = `hci${process.pid}${adapters}`;
  const radios: Radio[] = [];
  bluez.addAdapter(adapter, ADAPTER_ADDRESS);
  t.after(async () => {
    await Promise.all(radios.map((radio) => radio.close()));
    await bluez.close();
  });
  return {
    bluez,
    adapter,
    pack: bluez.advertise(PACK, adapter),
    open({ times, scanWindowMs = 20_000, betweenWindowsMs = 50, log = silentLog, ...options } = {}) {
      const central = bluezCentral(
        { busAddress: bluez.bus.address, ...options, times: { ...PATIENT, ...times } },
        { clock: systemClock, log, locks: abstractLocks },
      );
      const timeouts = { scanWindows: 2, scanWindowMs, betweenWindowsMs, adapterMs: 20_000 };
      const radio = nobleRadio(bindingsFromCentral(central), { clock: systemClock, log, timeouts });
      radios.push(radio);
      return radio;
    },
  };
}
