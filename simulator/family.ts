import type { Address } from "../common/model/address.ts";
import type { Clock } from "../common/runtime/clock.ts";
import type { Battery } from "./battery.ts";
import type { FaultKind } from "./faults/fault.ts";

/** A family of simulated devices: an object literal in a folder of its own, and one line in registry.ts. */
export interface SimulatedFamily {
  /** The driver's word, and the option `--NAME COUNT`. */
  readonly name: string;
  /** Plural noun for the help: `JBD packs`. */
  readonly devices: string;
  /** Kinds of its devices, which `--NAME` creates in turn. No other family has a kind of the same name. */
  readonly kinds: readonly string[];
  /** First half of the addresses of `--NAME`, which end in 00:00:01 and up: `A4:C1:37`. */
  readonly addressPrefix: string;
  /** Registers in the answer log, which faults can name. */
  readonly registers: readonly string[];
  /** @throws {RangeError} for a choice that the kind does not have */
  create(identity: DeviceIdentity, clock: Clock): Battery;
  /** Choices about a device, behind its kind: `--device ADDRESS=KIND:NAME=VALUE,NAME=VALUE`. */
  readonly choices?: Choices;
  /** Faults of its protocol, by name. They replace a general fault of the same name. */
  readonly faults?: Readonly<Record<string, FaultKind>>;
  /** Options that an agent needs for a device besides its address: `--driver`, `--pin`. */
  agentOptions?(address: Address): readonly string[];
}

export interface Choices {
  /** For `--help`: a heading, and a line for each choice. */
  readonly help: string;
  /** @throws {RangeError} with a message for people */
  check(list: string): void;
}

/** Properties that distinguish one device from the others of its family. */
export interface DeviceIdentity {
  readonly address: Address;
  /** One of the family's kinds. */
  readonly kind: string;
  readonly seed: string;
  /** Age of the simulated device when it is created, ms. */
  readonly ageMs: number;
  /** One latency for every answer instead of the usual ones, ms. */
  readonly latencyMs: number | undefined;
  /** As they stand behind the kind; empty for the defaults. */
  readonly choices: string;
}
