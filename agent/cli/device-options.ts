import { type Address, parseAddress } from "../../common/model/address.ts";
import type { LogLevel } from "../../common/runtime/log.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import type { Driver } from "../drivers/driver.ts";
import { DRIVERS } from "../drivers/registry.ts";
import type { RadioChoice } from "../radio/open-radio.ts";
import type { Words } from "./command.ts";
import type { OptionName } from "./options.ts";

/** Options of every command that talks to one device, besides its address. */
export const DEVICE_OPTIONS = [
  "driver",
  "adapter",
  "radio",
  "pin",
  "pinFile",
  "capture",
  "logLevel",
] as const satisfies readonly OptionName[];

/** One device, and the way to it. */
export interface DeviceChoice {
  readonly address: Address;
  readonly drivers: readonly Driver[];
  readonly radio: RadioChoice;
  readonly pin: PinSource | undefined;
  /** File to append a capture to. */
  readonly capture: string | undefined;
  readonly logLevel: LogLevel;
}

/** Where the device's password stands. */
export type PinSource = { readonly text: string } | { readonly file: string };

/** The device that the options choose. @throws {UsageError} */
export function chooseDevice({ values, env }: Words): DeviceChoice {
  const { driver, pin, pinFile, capture, logLevel = "info" } = values;
  const address = values.address ?? parseAddress(env.BMS_INSTANCE ?? "");
  if (!address) throw new UsageError(noAddress(env.BMS_INSTANCE));
  return {
    address,
    drivers: chooseDrivers(driver),
    radio: chooseRadio({ values, env }),
    pin: pin ? { text: pin } : pinFile ? { file: pinFile } : undefined,
    capture,
    logLevel,
  };
}

/** The way to devices that the options choose. @throws {UsageError} */
export function chooseRadio({ values, env }: Pick<Words, "values" | "env">): RadioChoice {
  const { adapter, radio: kind = "auto" } = values;
  if (kind === "simulated" && !env.BMS_SIMULATOR)
    throw new UsageError(
      "--radio simulated needs a running simulator: set BMS_SIMULATOR to the socket of `npm run -s simulator -- --socket PATH`",
    );
  return {
    kind,
    ...(adapter && { adapter }),
    ...(env.BMS_SIMULATOR && { simulator: env.BMS_SIMULATOR }),
  };
}

/** A service has its options from a file, so that is what its log has to name. */
function noAddress(instance: string | undefined): string {
  const example = "A4:C1:37:00:00:01";
  return instance
    ? `which device is ${instance}? put BMS_ADDRESS=${example} with your device's into /etc/bms/agents/${instance}.env`
    : `which device? say --address ${example} (or BMS_ADDRESS) with your device's`;
}

/** One driver where the operator named it, else all. */
export function chooseDrivers(name = "auto"): readonly Driver[] {
  return name === "auto" ? DRIVERS : DRIVERS.filter((driver) => driver.name === name);
}
