import { join } from "node:path";
import type { CommandInput } from "../../common/cli/command.ts";
import { type Environment, SHARED_OPTIONS, type ValuesOf } from "../../common/cli/option.ts";
import { type Address, parseAddress } from "../../common/model/address.ts";
import type { LogLevel } from "../../common/runtime/log.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import type { Driver } from "../drivers/driver.ts";
import { DRIVERS } from "../drivers/registry.ts";
import type { RadioChoice } from "../radio/open-radio.ts";
import { AGENT_OPTIONS } from "./options.ts";

const { address, driver, adapter, radio, pin, pinFile, capture } = AGENT_OPTIONS;

/** The options of every command that reads one device. */
export const DEVICE_OPTIONS = {
  address,
  driver,
  adapter,
  radio,
  pin,
  pinFile,
  capture,
  logLevel: SHARED_OPTIONS.logLevel,
};

/** One device and how to reach it. */
export interface DeviceOptions {
  readonly address: Address;
  readonly drivers: readonly Driver[];
  readonly radio: RadioChoice;
  readonly pin: PinSource | undefined;
  /** File to append a capture to. */
  readonly capture: string | undefined;
  readonly logLevel: LogLevel;
}

/** The device's password, the file that holds it, or the credential that systemd passes, which may be empty. */
export type PinSource = { readonly text: string } | { readonly file: string } | { readonly credential: string };

/** @throws {UsageError} if no address is given */
export function readDeviceOptions({
  values,
  env,
}: Pick<CommandInput<typeof DEVICE_OPTIONS>, "values" | "env">): DeviceOptions {
  const { pin, pinFile, capture, logLevel } = values;
  const address = values.address ?? parseAddress(env.BMS_INSTANCE ?? "");
  if (!address) throw new UsageError(noAddress(env.BMS_INSTANCE));
  return {
    address,
    drivers: driversNamed(values.driver),
    radio: readRadioOptions(values, env),
    pin: pinOption({ pin, pinFile }) ?? credentialIn(env.CREDENTIALS_DIRECTORY),
    capture,
    logLevel,
  };
}

/** The password that the options give. */
export function pinOption({
  pin,
  pinFile,
}: Pick<ValuesOf<typeof DEVICE_OPTIONS>, "pin" | "pinFile">): PinSource | undefined {
  if (pin) return { text: pin };
  return pinFile ? { file: pinFile } : undefined;
}

/** Set by systemd for a unit with LoadCredential=pin:… */
function credentialIn(directory: string | undefined): PinSource | undefined {
  return directory ? { credential: join(directory, "pin") } : undefined;
}

type RadioValues = Pick<ValuesOf<typeof DEVICE_OPTIONS>, "adapter" | "radio">;

/** @throws {UsageError} if the simulated radio has no socket */
export function readRadioOptions({ adapter, radio: kind }: RadioValues, env: Environment): RadioChoice {
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

/** A service reads its options from a file, so its log names that file. */
function noAddress(instance: string | undefined): string {
  const example = "A4:C1:37:00:00:01";
  return instance
    ? `no address for ${instance}: put BMS_ADDRESS=${example} with your device's address into /etc/bms/agents/${instance}.env`
    : `no address: give --address ${example} (or BMS_ADDRESS) with your device's address; bms-agent scan lists the devices in range`;
}

/** The named driver; all of them for "auto". */
export function driversNamed(name: string): readonly Driver[] {
  return name === "auto" ? DRIVERS : DRIVERS.filter((driver) => driver.name === name);
}
