import type { Address } from "../../common/model/address.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { DeviceSession } from "../drivers/device-session.ts";
import type { Driver, DriverSettings } from "../drivers/driver.ts";
import type { Link, Radio } from "../radio/radio.ts";
import type { DriverMemory } from "./first-answer.ts";

/** The device to read, and how. */
export interface Target {
  readonly address: Address;
  /** The drivers to choose from; a single one is used without asking whether it matches. */
  readonly drivers: readonly Driver[];
  readonly settings: DriverSettings;
}

export interface ConnectDeps {
  readonly radio: Radio;
  readonly clock: Clock;
  /** Drivers that have read the device before. */
  readonly memory?: DriverMemory;
}

/** A device that can be polled, and in which no call can hang: a driver's session on a link, or a device listened to. */
export interface DeviceConnection extends DeviceSession {
  readonly driver: Driver;
  /** Names of the other drivers that fit the device as well: its answers decided. */
  readonly alternatives: readonly string[];
  readonly link: Pick<Link, "address" | "rssi" | "lost">;
  /**
   * For a device that is listened to: when the record of the last poll was received, ms of the monotonic clock. Nothing was
   * requested, so such a poll has no latency.
   */
  receivedAtMs?(): number | undefined;
  /** Ends the link. Never throws. */
  close(): Promise<void>;
}
