import type { Address, AddressType } from "../common/model/address.ts";
import type { Sample } from "../common/model/reading.ts";
import type { ConnectionParameters, GattService } from "./peripheral.ts";

/** The electronics of a simulated device: its identity, its GATT services and its answers. Links and faults are outside it. */
export interface Battery {
  readonly address: Address;
  readonly addressType: AddressType;
  /** Local name in its advertisements. */
  readonly name: string;
  /** Payload by company identifier. */
  readonly manufacturerData: ReadonlyMap<number, Uint8Array>;
  /** Mean signal strength, dBm. */
  readonly rssi: number;
  readonly services: readonly GattService[];
  readonly advertisedServices: readonly string[];
  readonly mtu: number;
  readonly preferredParameters?: ConnectionParameters;
  /** Name of the requested register in the answer log, such as `03` or `v1`; empty where the request asks for none. */
  registerOf(request: Request): string;
  /** Answer at this moment; undefined where the battery does not answer. */
  answer(request: Request): Answer | undefined;
  /** Raises or ends a protection, named as its quantity. @throws {RangeError} where the battery has none of that name */
  setProtection(name: string, on: boolean): void;
  /** The link of a central has ended. */
  linkEnded?(): void;
  /** Loses its power and has it again. */
  losePower?(): void;
  /** The next saving of parameters stops after so many registers, as where the power fails. */
  interruptSave?(after: number): void;
  /** Its parameters at this moment. */
  memory?(): Memory;
  /** Voltage and current at any moment of the monotonic clock, as they are and not as they are measured. */
  flowAt(monotonicMs: number): Flow;
}

/** Parameters of a battery, in hexadecimal digits by hexadecimal number of the register. */
export interface Memory {
  readonly isInFactoryMode: boolean;
  /** The parameters that it works with. */
  readonly working: Readonly<Record<string, string>>;
  /** Those that it will have after a loss of power. */
  readonly stored: Readonly<Record<string, string>>;
}

/** Exact: before any rounding of a register. */
export interface Flow {
  readonly volts: number;
  /** Positive while charging. */
  readonly amps: number;
}

/** A write or read request of a central. */
export interface Request {
  readonly kind: "write" | "read";
  readonly characteristic: string;
  /** Empty for a read. */
  readonly bytes: Uint8Array;
}

export interface Answer {
  /** Characteristic that is notified, or was read. */
  readonly characteristic: string;
  readonly bytes: Uint8Array;
  /** Values that a correct reader decodes from exactly these bytes; empty where they hold no quantity. */
  readonly sample: Sample;
  /** From the request to the first byte, ms. */
  readonly latencyMs: number;
}
