import type { Address } from "../../common/model/address.ts";
import type { Advertisement, Characteristic, RadioError, WriteMode } from "./radio.ts";

/**
 * One Bluetooth adapter in the central role: scans and connects. Implemented over BlueZ (bluez/) and over the simulator
 * (simulated/). Radio adds deadlines and the search for a device. Every rejection is a RadioError or the reason of the
 * caller's signal.
 */
export interface Central {
  /**
   * True each time the adapter becomes usable, false each time it no longer is; the first as soon as that is known. To
   * be iterated once; ends when the central is closed.
   */
  readonly usable: AsyncIterable<boolean>;
  /** The reason why the adapter cannot be used now, and the remedy; undefined while it can, or while that is not known. */
  fault(): RadioError | undefined;
  /** Scans until the signal aborts. To be iterated at once and once: advertisements are queued from the call on. */
  scan(signal: AbortSignal): Scan;
  /**
   * The advertisements of one device until the signal aborts, by a scan that all processes on the adapter share and that
   * gives way to those that connect. To be iterated at once and once. @throws {RadioError}
   */
  listen(address: Address, signal: AbortSignal): AsyncIterable<Advertisement>;
  /**
   * The latest advertisement of a device that can be connected to without a scan. Absent where every device must be
   * seen in a scan first.
   */
  known?(address: Address): Advertisement | undefined;
  /** When the signal aborts, nothing is left of the attempt once this rejects. @throws {RadioError} */
  connect(address: Address, signal: AbortSignal): Promise<Connection>;
  /** Ends all connections and the use of the adapter. Never throws. */
  close(): Promise<void>;
}

/** Advertisements in the order of arrival. Ends when the adapter no longer scans. @throws {RadioError} */
export interface Scan extends AsyncIterable<Advertisement> {
  /**
   * Resolves once the adapter scans for this process. Advertisements may arrive earlier, from the scan of another
   * process. Rejects like the iteration.
   */
  readonly started: Promise<void>;
}

/** A GATT connection to one device. After `lost` every operation rejects with its reason. */
export interface Connection {
  /** Aborts when the connection has ended; the reason is a RadioError. */
  readonly lost: AbortSignal;
  services(): Promise<readonly GattService[]>;
  /** The whole value, however long. @throws {RadioError} */
  read(at: Characteristic): Promise<Uint8Array>;
  /** @throws {RadioError} */
  write(at: Characteristic, bytes: Uint8Array, mode: WriteMode): Promise<void>;
  /** Notified values from the request on, until the connection ends. To be iterated once. @throws {RadioError} */
  subscribe(at: Characteristic): Promise<AsyncIterable<Uint8Array>>;
  /** Encrypts the connection by the passkey that the central was given; absent without one. @throws {RadioError} */
  pair?(): Promise<void>;
  /** Resolves once the connection has ended. Never throws. */
  close(): Promise<void>;
}

export interface GattService {
  readonly uuid: string;
  /** UUIDs. */
  readonly characteristics: readonly string[];
}
