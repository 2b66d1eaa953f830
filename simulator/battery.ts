import type { Address, AddressType } from "../common/model/address.ts";
import type { Sample } from "../common/model/reading.ts";
import type { ConnectionParameters, GattService } from "./peripheral.ts";

/** The electronics of a simulated device: its identity, its GATT services and its answers. Links and faults are outside it. */
export interface Battery {
  readonly address: Address;
  readonly addressType: AddressType;
  /** Local name in its advertisements. */
  readonly name: string;
  /** Payload by company identifier; of a device that broadcasts its values, see `broadcast`. */
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
  /** For a device that advertises its values: those of this moment. */
  broadcast?(): Broadcast;
  /** For a device that sends records unasked: a link begins. */
  openStream?(line: StreamLine): Stream;
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

/** Advertised contents of a device at one moment, in place of its manufacturer data. */
export interface Broadcast {
  readonly manufacturerData: ReadonlyMap<number, Uint8Array>;
  /** Name in the answer log, where each change of the manufacturer data has an entry. */
  readonly register: string;
  /** Values that a correct reader decodes from exactly these bytes. */
  readonly sample: Sample;
}

/** The device's end of a link, for records that no request asks for. */
export interface StreamLine {
  /** Sends a record after its latency. It takes the way of an answer, through all faults. */
  send(record: StreamRecord): void;
  /** Aborts when the link ends. */
  readonly ended: AbortSignal;
}

export interface StreamRecord extends Answer {
  /** Name in the answer log. */
  readonly register: string;
}

/** Events of a link that begin, change or end a stream of records. Its state lives as long as the link. */
export interface Stream {
  /** The central subscribes to a characteristic, or ends its subscription. */
  subscribed?(characteristic: string, on: boolean): void;
  /** A request has reached the battery. `answer` is called as well. */
  requested?(request: Request): void;
}

/** A write or read request of a central; `push` stands for the request that a record does without. */
export interface Request {
  readonly kind: "write" | "read" | "push";
  readonly characteristic: string;
  /** Empty for a read and a push. */
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
