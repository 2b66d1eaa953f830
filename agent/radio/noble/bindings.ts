import type { EventEmitter } from "node:events";
import type { Advertisement, RadioError } from "../radio.ts";

/**
 * What noble stands on, as far as this project asks. noble listens for the events `stateChange`, `discover`, `connect`,
 * `disconnect`, `servicesDiscover`, `characteristicsDiscover`, `read`, `write`, `notify`, `rssiUpdate`, `onMtu`,
 * `scanStart`, `scanStop` (lib/noble.js of @abandonware/noble 1.9.2).
 *
 * noble has no words for failure: a read, write, subscription or scan that fails leaves its promise pending for ever.
 * Bindings of ours therefore also emit `operationFailed` with an OperationFailure, never from within the call itself,
 * since the caller's listener may not be there yet.
 *
 * The reason of a `disconnect` is HCI's number, a word, or a RadioError.
 *
 * `id` is the device's address in lower case without colons; UUIDs are 4 or 32 digits without dashes, as noble has them.
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

  /** Makes a device known to noble (emits `discover`) without scanning, where it can; tells whether it could. */
  recall?(id: string): boolean;
  /** All that the device with this id advertised last, of which noble carries a part; undefined where nothing is known. */
  advertisement?(id: string): Advertisement | undefined;
  /** Encrypts a link by a passkey; emits `pair` with the id, or `operationFailed`. Absent where no passkey is known. */
  pair?(id: string): void;
  /** Why the adapter cannot be used now; undefined when it can. */
  fault?(): RadioError | undefined;
  /** Ends all links that it made and everything that keeps the process alive. Never throws. */
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
