import type { Advertisement } from "../agent/radio/radio.ts";
import type { Address, AddressType } from "../common/model/address.ts";

/**
 * A GATT peripheral as whatever carries it sees it. One implementation of a battery stands behind this, and two ways
 * lead to it: the simulator's socket beneath the simulated bindings, and a virtual LE controller beneath a real kernel.
 *
 * UUIDs are spelled as in agent/radio/radio.ts. Nothing here waits otherwise than on the Clock that the peripheral was
 * made with.
 */
export interface Peripheral {
  readonly address: Address;
  readonly addressType: AddressType;
  /** The vendor's services; those of the Bluetooth SIG (1800, 1801) are the carrier's to add. */
  readonly services: readonly GattService[];
  /** The largest ATT MTU that it agrees to, in bytes. Its notifications are cut for this one. */
  readonly mtu: number;
  /** What it asks for by L2CAP some 200 ms after the first subscription; absent where it asks nothing. */
  readonly preferredParameters?: ConnectionParameters;
  /** What it broadcasts now; undefined while it is silent: out of range, switched off, or held by a central. */
  advertisement(): Advertisement | undefined;
  /** Takes a central, one at a time. A carrier calls it while the peripheral advertises. @throws {ConnectRefused} */
  connect(central: Central): PeripheralLink;
}

export interface GattService {
  readonly uuid: string;
  readonly characteristics: readonly GattCharacteristic[];
}

export interface GattCharacteristic {
  readonly uuid: string;
  readonly properties: readonly GattProperty[];
}

/** In noble's spelling. */
export type GattProperty = "read" | "write" | "writeWithoutResponse" | "notify";

export interface ConnectionParameters {
  readonly minIntervalMs: number;
  readonly maxIntervalMs: number;
  /** Connection events that it may sleep through. */
  readonly latency: number;
  readonly supervisionTimeoutMs: number;
}

/** What the peripheral tells the central that holds it; never from within a call of the central's. */
export interface Central {
  /** One notification: at most MTU - 3 bytes. */
  notified(characteristic: string, piece: Uint8Array): void;
  /** The link is gone, and not by the central's close(). `reason` is HCI's: LINK_LOST, ENDED_BY_PERIPHERAL … */
  disconnected(reason: number): void;
}

/** One central's connection. */
export interface PeripheralLink {
  /** The whole value. Stays pending while the device is silent. @throws {AttError} {LinkEnded} when the link ends */
  read(characteristic: string): Promise<Uint8Array>;
  /** @throws {AttError} which a carrier reports for a write request and swallows for a write command */
  write(characteristic: string, bytes: Uint8Array): void;
  /** @throws {AttError} */
  subscribe(characteristic: string, on: boolean): void;
  /** The central hangs up. Nothing is called back afterwards. */
  close(): void;
}

/** HCI reasons (Bluetooth Core Specification, volume 1, part F). */
export const LINK_LOST = 0x08;
export const ENDED_BY_PERIPHERAL = 0x13;
export const ENDED_BY_CENTRAL = 0x16;
export const NOT_ESTABLISHED = 0x3e;

/** ATT error codes (Bluetooth Core Specification, volume 3, part F, 3.4.1.1). */
export const INSUFFICIENT_AUTHENTICATION = 0x05;
export const REQUEST_NOT_SUPPORTED = 0x06;
export const ATTRIBUTE_NOT_FOUND = 0x0a;
export const UNLIKELY_ERROR = 0x0e;

/** The peripheral answered an ATT request with an error. */
export class AttError extends Error {
  override readonly name = "AttError";
  readonly code: number;
  constructor(code: number) {
    super(`ATT error 0x${code.toString(16).padStart(2, "0")}`);
    this.code = code;
  }
}

/** The connection could not be made; `reason` is HCI's. */
export class ConnectRefused extends Error {
  override readonly name = "ConnectRefused";
  readonly reason: number;
  constructor(reason: number) {
    super(`connection refused with reason 0x${reason.toString(16).padStart(2, "0")}`);
    this.reason = reason;
  }
}

/** The link ended while something was under way. */
export class LinkEnded extends Error {
  override readonly name = "LinkEnded";
}
