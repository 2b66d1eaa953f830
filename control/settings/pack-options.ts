import { DEVICE_OPTIONS, type DeviceOptions, driversNamed, readRadioOptions } from "../../agent/cli/device-options.ts";
import { CHEMISTRIES, type Chemistry } from "../../agent/drivers/jbd/settings/parameter.ts";
import type { Argument } from "../../common/cli/command.ts";
import { type Environment, nonEmpty, type OptionRow, oneOf, type ValuesOf } from "../../common/cli/option.ts";
import type { Address } from "../../common/model/address.ts";

const directory = {
  flags: "--settings-directory <directory>",
  about: "directory of saved settings, of the audit file and of markers for the agents",
  presetText: "/var/lib/bms/settings if the package is installed, else bms/settings in your state directory",
  completes: "directory",
  ...nonEmpty("a path"),
} satisfies OptionRow<string>;

const { adapter, radio, pin, pinFile, logLevel } = DEVICE_OPTIONS;

/** The options of every command that connects to a pack. Those of the radio are for a pack without a service. */
export const PACK_OPTIONS = { adapter, radio, pin, pinFile, settingsDirectory: directory, logLevel };
export type PackOptions = ValuesOf<typeof PACK_OPTIONS>;

export const CHEMISTRY = {
  flags: "--chemistry <kind>",
  about: "chemistry of the cells, for what is usual and what is safe",
  presetText: "inferred from settings and cell voltages, and shown",
  ...oneOf(CHEMISTRIES),
} satisfies OptionRow<Chemistry>;

export const PACK_ARGUMENT: Argument = {
  name: "name",
  about: "as shown by bmsctl list, or a Bluetooth address",
  completes: "battery",
};

/** The pack at an address that no service reads. @throws {UsageError} */
export function deviceAt(address: Address, options: PackOptions, env: Environment): DeviceOptions {
  const { pin, pinFile, logLevel } = options;
  return {
    address,
    drivers: driversNamed("jbd"),
    radio: readRadioOptions(options, env),
    pin: pin ? { text: pin } : pinFile ? { file: pinFile } : undefined,
    capture: undefined,
    logLevel,
  };
}
