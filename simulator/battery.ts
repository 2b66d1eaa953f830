import type { Address, AddressType } from "../common/model/address.ts";
import type { Sample } from "../common/model/reading.ts";
import type { ConnectionParameters, GattService } from "./peripheral.ts";

/** The inside of a simulated device: what it is and what it says. It knows nothing of links, time passing, or faults. */
export interface Battery {
  readonly address: Address;
  readonly addressType: AddressType;
  /** As it advertises itself. */
  readonly name: string;
  /** By company identifier. */
  readonly manufacturerData: ReadonlyMap<number, Uint8Array>;
  /** dBm where it stands. */
  readonly rssi: number;
  readonly services: readonly GattService[];
  readonly advertisedServices: readonly string[];
  readonly mtu: number;
  readonly preferredParameters?: ConnectionParameters;
  /** What a request asks for, in the log's word; empty where it asks for nothing that the battery knows. */
  registerOf(request: Request): string;
  /** The answer as of now; undefined where it stays silent. */
  answer(request: Request): Answer | undefined;
  /** Switches a protection on or off by its word in the vocabulary. @throws {RangeError} where it has no such thing */
  protect(word: string, on: boolean): void;
}

/** What a central asks of a battery. */
export interface Request {
  readonly kind: "write" | "read";
  readonly characteristic: string;
  /** Empty for a read. */
  readonly bytes: Uint8Array;
}

export interface Answer {
  /** Where it is notified, or what was read. */
  readonly characteristic: string;
  readonly bytes: Uint8Array;
  /** What a right reader gets from exactly these bytes; empty where they hold no quantity. */
  readonly sample: Sample;
  /** From the request to the first byte. */
  readonly latencyMs: number;
}
