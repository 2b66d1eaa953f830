import type { Advertisement } from "../../../../agent/radio/radio.ts";
import { type Address, type AddressType, addressBytes } from "../../../../common/model/address.ts";
import type { Clock } from "../../../../common/runtime/clock.ts";
import type { Peripheral } from "../../../../simulator/peripheral.ts";
import { encodeAdvertisement } from "./advertising-data.ts";
import { leEvent } from "./hci-packets.ts";

/** A device as HCI names it: 0 public or 1 random, and the address as it travels. */
export interface HciAddress {
  readonly type: number;
  readonly bytes: Uint8Array;
}

export function hciAddress(address: Address, type: AddressType): HciAddress {
  return { type: type === "random" ? 1 : 0, bytes: addressBytes(address).reverse() };
}

function isSame(a: HciAddress, b: HciAddress): boolean {
  return a.type === b.type && Buffer.from(a.bytes).equals(b.bytes);
}

/** What the host wants of those who advertise. Empty filters let everybody pass. */
export interface Scan {
  readonly active: boolean;
  readonly onlyAccepted: boolean;
  readonly onceEach: boolean;
}

export interface ListeningOptions {
  readonly peripherals: readonly Peripheral[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly advertiseEveryMs: number;
  send(packet: Buffer): void;
  /** The device that the host waits for has advertised. */
  reached(peripheral: Peripheral): void;
}

/** The device to connect to, or whichever of the accepted ones advertises first. */
export type Wanted = HciAddress | "accepted";

export interface Listening {
  readonly isScanning: boolean;
  readonly isWaiting: boolean;
  scan(how: Scan | undefined): void;
  waitFor(wanted: Wanted | undefined): void;
  accept(address: HciAddress): void;
  refuse(address: HciAddress): void;
  clearAccepted(): void;
}

const ADVERTISEMENT = 0x00;
const SCAN_RESPONSE = 0x04;
const NO_SIGNAL_KNOWN = 127;
const JITTER_MS = 10;

/** Hears the peripherals advertise, each at its own pace, as long as the host scans or waits for one. */
export function listening(options: ListeningOptions): Listening {
  const { peripherals, clock, random, advertiseEveryMs, send, reached } = options;
  let scan: Scan | undefined;
  let wanted: Wanted | undefined;
  let accepted: readonly HciAddress[] = [];
  let ears: AbortController | undefined;
  const reported = new Set<Peripheral>();

  const isAccepted = (address: HciAddress) => accepted.some((entry) => isSame(entry, address));
  const report = (address: HciAddress, heard: Advertisement, active: boolean) => {
    const { advertisement, scanResponse } = encodeAdvertisement(heard);
    const rssi = (heard.rssi ?? NO_SIGNAL_KNOWN) & 0xff;
    const tell = (kind: number, data: readonly number[]) =>
      send(leEvent(0x02, [1, kind, address.type, ...address.bytes, data.length, ...data, rssi]));
    tell(ADVERTISEMENT, advertisement);
    if (active) tell(SCAN_RESPONSE, scanResponse);
  };
  const hear = (peripheral: Peripheral) => {
    const heard = peripheral.advertisement();
    if (!heard) return;
    const address = hciAddress(peripheral.address, peripheral.addressType);
    if (scan && (!scan.onlyAccepted || isAccepted(address)) && !(scan.onceEach && reported.has(peripheral))) {
      reported.add(peripheral);
      report(address, heard, scan.active);
    }
    if (wanted && (wanted === "accepted" ? isAccepted(address) : isSame(wanted, address))) {
      wanted = undefined;
      reached(peripheral);
      openOrCloseEars();
    }
  };
  const hearOn = async (peripheral: Peripheral, signal: AbortSignal) => {
    let waitMs = random() * advertiseEveryMs;
    while (!signal.aborted) {
      await clock.sleep(waitMs, signal).catch(() => {});
      if (!signal.aborted) hear(peripheral);
      waitMs = advertiseEveryMs + random() * JITTER_MS;
    }
  };
  const openOrCloseEars = () => {
    if (!scan && !wanted) {
      ears?.abort();
      ears = undefined;
    } else if (!ears) {
      ears = new AbortController();
      for (const peripheral of peripherals) void hearOn(peripheral, ears.signal);
    }
  };

  return {
    get isScanning() {
      return scan !== undefined;
    },
    get isWaiting() {
      return wanted !== undefined;
    },
    scan(how) {
      scan = how;
      reported.clear();
      openOrCloseEars();
    },
    waitFor(whom) {
      wanted = whom;
      openOrCloseEars();
    },
    accept(address) {
      accepted = [...accepted, address];
    },
    refuse(address) {
      accepted = accepted.filter((entry) => !isSame(entry, address));
    },
    clearAccepted() {
      accepted = [];
    },
  };
}
