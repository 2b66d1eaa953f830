import type { EventEmitter } from "node:events";
import type { Address } from "../../../common/model/address.ts";
import type { Advertisement, RadioError } from "../radio.ts";

/**
 * The layer below noble, as far as this project calls it. noble listens for the events `stateChange`, `discover`,
 * `connect`, `disconnect`, `servicesDiscover`, `characteristicsDiscover`, `read`, `write`, `notify`, `rssiUpdate`,
 * `scanStart`, `scanStop` (lib/noble.js of @abandonware/noble 1.9.2).
 *
 * noble has no event for a failure: a read, write, subscription or scan that fails leaves its promise pending for ever.
 * These bindings therefore also emit `operationFailed` with an OperationFailure, never from within the call itself,
 * since the caller's listener may not be there yet.
 *
 * The reason of a `disconnect` is HCI's number, a string, or a RadioError.
 *
 * noble passes `id` and UUIDs on as they are. noble's own bindings spell them without colons and dashes.
 */
export interface Bindings extends EventEmitter {
  init(): void;
  startScanning(serviceUuids: string[] | undefined, allowDuplicates: boolean | undefined): void;
  stopScanning(): void;
  connect(id: string, parameters?: unknown): void;
  cancelConnect(id: string, parameters?: unknown): void;
  disconnect(id: string): void;
  discoverServices(id: string, serviceUuids: string[]): void;
  discoverCharacteristics(id: string, service: string, characteristicUuids: string[]): void;
  read(id: string, service: string, characteristic: string): void;
  write(id: string, service: string, characteristic: string, data: Buffer, withoutResponse: boolean): void;
  notify(id: string, service: string, characteristic: string, on: boolean): void;

  /** The advertisements of one device until the signal aborts, by a scan that noble need not start. @throws {RadioError} */
  listen?(address: Address, signal: AbortSignal): AsyncIterable<Advertisement>;
  /** Emits `discover` for a device that can be connected to without a scan, and returns its id. */
  recall?(address: Address): string | undefined;
  /** The latest advertisement of the device, of which noble carries a part; undefined where none was received. */
  advertisement?(id: string): Advertisement | undefined;
  /** Encrypts a link by a passkey; emits `pair` with the id, or `operationFailed`. */
  pair?(id: string): void;
  /** False where no passkey is known for a link. */
  canPair?(id: string): boolean;
  /** The reason why the adapter cannot be used now; undefined when it can. */
  fault?(): RadioError | undefined;
  /** Ends all links and everything that keeps the process alive. Never throws. */
  close(): Promise<void>;
}

export interface OperationFailure {
  readonly operation: "scan" | "connect" | "discover" | "read" | "write" | "notify" | "pair";
  /** Absent for a scan. */
  readonly id?: string;
  readonly service?: string;
  readonly characteristic?: string;
  readonly error: RadioError;
}
