import type { Sample } from "../../common/model/reading.ts";
import type { Advertisement, Link } from "../radio/radio.ts";

/**
 * What every kind of device must tell us: an object literal in a file of its own, one line in registry.ts.
 *
 * A driver touches the world only through the Link that it is handed. It does not loop over time, wait otherwise than
 * for a notification, log, read a clock, or know what stands beneath the Link.
 */
export interface Driver {
  /** The command-line word, the file's name and the fixture folder's. */
  readonly name: string;
  /** One line for `--help`. */
  readonly about: string;
  /** Of a connected device. */
  matches(device: { readonly services: readonly string[] }): boolean;
  /** Of a device on the air; undefined where nothing speaks for it. */
  recognise(heard: Advertisement): Recognition | undefined;
  /** Prepares a fresh link: subscribes, unlocks. @throws {FrameError} {RadioError} */
  open(link: Link, settings: DriverSettings): Promise<Dialogue>;
}

export interface Recognition {
  readonly confidence: "certain" | "likely";
  /** What speaks for it, for people. */
  readonly why: string;
}

export interface DriverSettings {
  /** The module's password, where one is set. */
  readonly pin?: string;
}

/** A device that listens. Its memory lives exactly as long as the link. One request at a time: callers take turns. */
export interface Dialogue {
  /** The question of each period. @throws {FrameError} {RadioError} */
  poll(): Promise<Sample>;
  /** What the device is: asked once, by people. Absent where it does not say. @throws {FrameError} {RadioError} */
  describe(): Promise<Description>;
  /** For devices that cut an idle link: ask this whenever nothing was asked for `afterMs`. */
  readonly keepAlive?: { readonly afterMs: number; ask(): Promise<void> };
}

export interface Description {
  readonly model?: string;
  readonly software?: string;
  /** Date of production, `YYYY-MM-DD`. */
  readonly produced?: string;
  readonly cells?: number;
  /** How often each protection has acted, by its name in the vocabulary where it has one. */
  readonly counters?: Readonly<Record<string, number>>;
}
