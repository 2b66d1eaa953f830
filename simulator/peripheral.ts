import type { Advertisement } from "../agent/radio/radio.ts";
import type { Address, AddressType } from "../common/model/address.ts";

/**
 * A simulated GATT peripheral, independent of its transport. Two transports use it: the simulator's socket below the
 * agent's simulated radio, and the virtual LE controller below a real kernel.
 *
 * UUIDs are spelled as in agent/radio/radio.ts. All waiting is done on the Clock that the peripheral was created with.
 */
export interface Peripheral {
  readonly address: Address;
  readonly addressType: AddressType;
  /** The vendor's services. The transport adds those of the Bluetooth SIG (1800, 1801). */
  readonly services: readonly GattService[];
  /** Largest ATT MTU that it agrees to, bytes. Its notifications are split for this size. */
  readonly mtu: number;
  /** Requested by L2CAP some 200 ms after the first subscription; absent where it requests none. */
  readonly preferredParameters?: ConnectionParameters;
  /** Its advertisement at this moment; undefined while it is out of range, switched off, or held by a central. */
  advertisement(): Advertisement | undefined;
  /** Accepts one central at a time. Called while the peripheral advertises. @throws {ConnectRefused} */
  connect(central: CentralHandlers): PeripheralLink;
}

export interface GattService {
  readonly uuid: string;
  readonly characteristics: readonly GattCharacteristic[];
}

export interface GattCharacteristic {
  readonly uuid: string;
  readonly properties: readonly GattProperty[];
}

/** Properties in the spelling of agent/radio/simulated/protocol.ts. */
export type GattProperty = "read" | "write" | "writeWithoutResponse" | "notify";

export interface ConnectionParameters {
  readonly minIntervalMs: number;
  readonly maxIntervalMs: number;
  /** Connection events that the peripheral may skip. */
  readonly latency: number;
  readonly supervisionTimeoutMs: number;
}

/** Events for the central that holds the peripheral; never emitted during a call of that central. */
export interface CentralHandlers {
  /** One notification: at most MTU - 3 bytes. */
  notified(characteristic: string, piece: Uint8Array): void;
  /** The link has ended, other than by the central's close(). `reason` is HCI's: LINK_LOST, ENDED_BY_PERIPHERAL … */
  disconnected(reason: number): void;
}

/** The connection of one central. */
export interface PeripheralLink {
  /** Reads the whole value. Stays pending while the device does not answer. @throws {AttError} {LinkEnded} */
  read(characteristic: string): Promise<Uint8Array>;
  /** @throws {AttError} which a transport reports for a write request and drops for a write command */
  write(characteristic: string, bytes: Uint8Array): void;
  /** @throws {AttError} */
  subscribe(characteristic: string, on: boolean): void;
  /** Ends the link. No event follows. */
  close(): void;
}

/** HCI error codes (Bluetooth Core Specification, volume 1, part F). */
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

/** The connection could not be established; `reason` is an HCI error code. */
export class ConnectRefused extends Error {
  override readonly name = "ConnectRefused";
  readonly reason: number;
  constructor(reason: number) {
    super(`connection refused with reason 0x${reason.toString(16).padStart(2, "0")}`);
    this.reason = reason;
  }
}

/** The link ended during an operation. */
export class LinkEnded extends Error {
  override readonly name = "LinkEnded";
}
