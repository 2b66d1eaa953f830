import type { Advertisement } from "../../../../agent/radio/radio.ts";
import { type Address, type AddressType, addressBytes } from "../../../../common/model/address.ts";
import type { Clock } from "../../../../common/runtime/clock.ts";
import type { Peripheral } from "../../../../simulator/peripheral.ts";
import { encodeAdvertisement } from "./advertising-data.ts";
import { leEvent } from "./hci-packets.ts";

/** A device address in HCI: 0 public or 1 random, and six bytes, least significant first. */
export interface HciAddress {
  readonly type: number;
  readonly bytes: Uint8Array;
}

export function hciAddress(address: Address, type: AddressType): HciAddress {
  return { type: type === "random" ? 1 : 0, bytes: addressBytes(address).reverse() };
}

export function isSameAddress(a: HciAddress, b: HciAddress): boolean {
  return a.type === b.type && Buffer.from(a.bytes).equals(b.bytes);
}

/** The host's scan parameters. */
export interface Scan {
  readonly active: boolean;
  /** Reports only devices of the accept list. */
  readonly onlyAccepted: boolean;
  readonly filterDuplicates: boolean;
}

export interface ScannerOptions {
  readonly peripherals: readonly Peripheral[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly advertiseEveryMs: number;
  send(packet: Buffer): void;
  /** The device that the host wants to connect to has advertised. */
  found(peripheral: Peripheral): void;
}

/** The device to connect to, or any of the accept list. */
export type Target = HciAddress | "accepted";

/** The scanning and initiating states of the link layer, with the accept list. */
export interface Scanner {
  readonly isScanning: boolean;
  readonly isInitiating: boolean;
  scan(parameters: Scan | undefined): void;
  initiate(target: Target | undefined): void;
  accept(address: HciAddress): void;
  removeAccepted(address: HciAddress): void;
  clearAccepted(): void;
}

const ADVERTISEMENT = 0x00;
const SCAN_RESPONSE = 0x04;
const RSSI_UNKNOWN = 127;
const JITTER_MS = 10;

/** Receives each peripheral's advertisements, at its own pace, while the host scans or initiates a connection. */
export function createScanner(options: ScannerOptions): Scanner {
  const { peripherals, clock, random, advertiseEveryMs, send, found } = options;
  let scan: Scan | undefined;
  let target: Target | undefined;
  let accepted: readonly HciAddress[] = [];
  let receiving: AbortController | undefined;
  const reported = new Set<Peripheral>();

  const isAccepted = (address: HciAddress) => accepted.some((entry) => isSameAddress(entry, address));
  const report = (address: HciAddress, advertisement: Advertisement, active: boolean) => {
    const data = encodeAdvertisement(advertisement);
    const rssi = (advertisement.rssi ?? RSSI_UNKNOWN) & 0xff;
    const sendReport = (kind: number, bytes: readonly number[]) =>
      send(leEvent(0x02, [1, kind, address.type, ...address.bytes, bytes.length, ...bytes, rssi]));
    sendReport(ADVERTISEMENT, data.advertisement);
    if (active) sendReport(SCAN_RESPONSE, data.scanResponse);
  };
  const receive = (peripheral: Peripheral) => {
    const advertisement = peripheral.advertisement();
    if (!advertisement) return;
    const address = hciAddress(peripheral.address, peripheral.addressType);
    if (scan && (!scan.onlyAccepted || isAccepted(address)) && !(scan.filterDuplicates && reported.has(peripheral))) {
      reported.add(peripheral);
      report(address, advertisement, scan.active);
    }
    if (target && (target === "accepted" ? isAccepted(address) : isSameAddress(target, address))) {
      target = undefined;
      found(peripheral);
      startOrStop();
    }
  };
  const receiveFrom = async (peripheral: Peripheral, signal: AbortSignal) => {
    let waitMs = random() * advertiseEveryMs;
    while (!signal.aborted) {
      await clock.sleep(waitMs, signal).catch(() => {});
      if (!signal.aborted) receive(peripheral);
      waitMs = advertiseEveryMs + random() * JITTER_MS;
    }
  };
  const startOrStop = () => {
    if (!scan && !target) {
      receiving?.abort();
      receiving = undefined;
    } else if (!receiving) {
      receiving = new AbortController();
      for (const peripheral of peripherals) void receiveFrom(peripheral, receiving.signal);
    }
  };

  return {
    get isScanning() {
      return scan !== undefined;
    },
    get isInitiating() {
      return target !== undefined;
    },
    scan(parameters) {
      scan = parameters;
      reported.clear();
      startOrStop();
    },
    initiate(wanted) {
      target = wanted;
      startOrStop();
    },
    accept(address) {
      accepted = [...accepted, address];
    },
    removeAccepted(address) {
      accepted = accepted.filter((entry) => !isSameAddress(entry, address));
    },
    clearAccepted() {
      accepted = [];
    },
  };
}
