import type { Sample } from "../../common/model/reading.ts";
import type { Advertisement, Link } from "../radio/radio.ts";
import type { Description, DeviceSession } from "./device-session.ts";
import type { DecodeFrame } from "./recorded-frame.ts";

/**
 * Everything the agent knows about one family of devices: an object literal in a folder of its own, and one line in
 * registry.ts. A driver has `open`, or `decodeAdvertisement`, or both.
 *
 * A driver does I/O only through the Link it is given. It does not loop over time, sleep between polls, log, read a
 * clock, or know which radio is beneath the Link.
 */
export interface Driver {
  /** The command-line word, and the name of the driver's folder and of its fixtures' folder. */
  readonly name: string;
  /** A word for several drivers with one protocol and one page of documentation, as a brand's table is a driver each. */
  readonly family?: string;
  /** One line for `--help`. */
  readonly about: string;
  /** How its devices are recognised, both while scanning and once connected. The surest pattern that matches counts. */
  readonly identify: readonly Pattern[];
  /**
   * For devices that are connected to: prepares a fresh link (subscribes, unlocks).
   * @throws {FrameError} {RadioError}
   */
  open?(link: Link, settings: DriverSettings): Promise<DeviceSession>;
  /** The devices push their records unasked: in a replay each set that was recorded is a poll. */
  readonly pushes?: true;
  /**
   * For devices that broadcast their values: no connection is made. Undefined where this advertisement carries none.
   * @throws {FrameError}
   */
  decodeAdvertisement?(advertisement: Advertisement, settings: DriverSettings): Sample | undefined;
  /**
   * The number that a device gives each record in its advertisements. The same number again is the same record, which is
   * taken once. Absent where every advertisement counts.
   */
  recordNumber?(advertisement: Advertisement): number | undefined;
  /** The facts about the device that its advertisement shows, also without a password. */
  describeAdvertisement?(advertisement: Advertisement): Description;
  /** Decodes frames that were published alone, for `npm run decode-frames` and the tests. */
  readonly decodeFrame?: DecodeFrame;
  /** For one link. It remembers a secret that has begun, of which the next bytes may be a further piece. */
  redactor?(): Redact;
  /** True of a request that begins an unlocking: a capture whose links begin with one was made with a password. */
  beginsUnlocking?(request: Uint8Array): boolean;
}

/** A copy for a capture, with secrets replaced by zeros. Redacting twice changes nothing more. */
export type Redact = (direction: Direction, bytes: Uint8Array) => Uint8Array;

/** Seen from the agent. */
export type Direction = "sent" | "received";

/** Conditions on a device. All that are given must hold; of the alternatives in a list, one is enough. */
export interface Pattern {
  /** `possible` counts only for a device that the operator has named, never while scanning. */
  readonly confidence: Confidence;
  /** UUIDs as the Link and the Advertisement have them: 4 or 36 characters, lower case. */
  readonly services?: readonly string[];
  /** Globs for the advertised name: `?` is one character, `*` any number of them. */
  readonly names?: readonly string[];
  /** Bluetooth SIG company identifiers of the manufacturer data. */
  readonly companies?: readonly number[];
  /**
   * Beginnings of manufacturer data as hexadecimal digits: those of the company identifier, a blank, and those of its
   * payload; `?` is any digit. `02E1 10` is company 0x02E1 with a payload that begins with 10.
   */
  readonly manufacturerDataPrefixes?: readonly string[];
  /** Beginnings of addresses, in whole bytes: `A5:C2:37`. */
  readonly addressPrefixes?: readonly string[];
  /** The manufacturer data, company identifier included, contains the device's own address, in either byte order. */
  readonly addressInManufacturerData?: true;
}

export type Confidence = "certain" | "likely" | "possible";

export interface DriverSettings {
  /** The device's password, where one is set. */
  readonly pin?: string;
}
