import type { Address, AddressType } from "../../common/model/address.ts";

/**
 * Bluetooth LE as drivers and the poll loop use it. Every promise ends: with success, with the loss of the link, or at
 * its deadline. Code above this file does not depend on what is below it: noble, BlueZ, a raw adapter, a recorded file.
 *
 * UUIDs are lower case: 4 digits for a Bluetooth SIG base UUID (`ff00`), else 36 characters with dashes.
 */
export interface Radio {
  /** Advertisements in the order of arrival, until the signal aborts. @throws {RadioError} */
  scan(signal: AbortSignal): AsyncIterable<Advertisement>;
  /**
   * The advertisements of one device, until the signal aborts. Unlike `scan` it may go on for months: all processes that
   * listen on an adapter share one scan, which ends whenever a process connects. @throws {RadioError}
   */
  listen(to: Address, signal: AbortSignal): AsyncIterable<Advertisement>;
  /**
   * `admit` is called with the device's latest advertisement, where there is one, before the connection is made; what it
   * throws ends the attempt. @throws {RadioError} not-found, busy, connect-failed, timeout, adapter-off, …
   */
  connect(to: Address, signal: AbortSignal, admit?: (advertisement: Advertisement) => void): Promise<Link>;
  /** Ends every link and waits until the devices are free for others. Never throws. */
  close(): Promise<void>;
}

/** One connection to one device, services already discovered. */
export interface Link {
  readonly address: Address;
  readonly addressType: AddressType;
  readonly services: readonly string[];
  /** The device's latest advertisement; undefined when it was connected without one. */
  readonly advertisement: Advertisement | undefined;
  /** Signal strength of the latest advertisement in dBm, where the radio knows it. */
  readonly rssi: number | undefined;
  /** Aborts when the link has ended; the reason is a RadioError. */
  readonly lost: AbortSignal;
  /** The whole value, however long. @throws {RadioError} */
  read(at: Characteristic): Promise<Uint8Array>;
  /** @throws {RadioError} */
  write(at: Characteristic, bytes: Uint8Array, mode: WriteMode): Promise<void>;
  /** @throws {RadioError} */
  subscribe(at: Characteristic): Promise<Notifications>;
  /** Encrypts the link by the passkey that the radio was given; absent without one. @throws {RadioError} */
  pair?(): Promise<void>;
  /** Ends the link, so that the device is free for others. Never throws. */
  close(): Promise<void>;
}

/** The address of a characteristic: two services may each have one with the same UUID. */
export interface Characteristic {
  readonly service: string;
  readonly characteristic: string;
}

/** `acknowledged` waits for the peer's write response; `command` is a write without response. */
export type WriteMode = "acknowledged" | "command";

/** The notifications of one characteristic in the order of arrival, queued from the subscription on. */
export interface Notifications {
  /** The next notification, or undefined when none arrives within `ms`. @throws {RadioError} when the link is lost */
  next(withinMs: number): Promise<Uint8Array | undefined>;
  /** Discards the notifications that have arrived, however many. */
  clear(): void;
}

export interface Advertisement {
  readonly address: Address;
  readonly addressType: AddressType;
  /** Empty when the device advertises none. */
  readonly name: string;
  /** dBm. */
  readonly rssi: number | undefined;
  readonly services: readonly string[];
  /** Payloads by company identifier, without the identifier itself. */
  readonly manufacturerData: ReadonlyMap<number, Uint8Array>;
}

export const RADIO_FAULTS = [
  "adapter-missing",
  "adapter-off",
  "daemon-gone",
  "kernel-dead",
  "not-found",
  "busy",
  "connect-failed",
  "disconnected",
  "timeout",
  "not-permitted",
  "unsupported",
  "pairing-needed",
] as const;
export type RadioFault = (typeof RADIO_FAULTS)[number];

/** A failure of the radio or the link. The message is for the operator: what happened, and what to do next. */
export class RadioError extends Error {
  override readonly name = "RadioError";
  readonly fault: RadioFault;
  constructor(fault: RadioFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/** The remedy for a wedged adapter or bluetoothd: it resets both, and every agent reconnects by itself. */
export const RESTART_BLUETOOTH = "systemctl restart bluetooth";

const BASE_UUID = /^0000([0-9a-f]{4})-0000-1000-8000-00805f9b34fb$/;

/** Converts a UUID from any usual spelling into this project's. */
export function normaliseUuid(uuid: string): string {
  const lower = uuid.toLowerCase();
  const dashed = /^[0-9a-f]{32}$/.test(lower)
    ? lower.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
    : lower;
  return BASE_UUID.exec(dashed)?.[1] ?? dashed;
}
