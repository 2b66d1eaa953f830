import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DEVICE_OPTIONS, type DeviceOptions, readDeviceOptions } from "../../agent/cli/device-options.ts";
import { type Environment, readEnvironment } from "../../common/cli/option.ts";
import { type Address, parseAddress } from "../../common/model/address.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { parseEnvironmentFile } from "../../common/systemd/environment-file.ts";
import { type Battery, findBatteries } from "../setup/batteries.ts";
import type { Installation } from "../setup/installation.ts";
import type { Systemd } from "../setup/systemd.ts";

/** A pack to connect to. */
export interface PackTarget {
  /** The name of its service, or its address. */
  readonly name: string;
  /** Undefined if no service of this machine reads it. */
  readonly battery: string | undefined;
  readonly device: DeviceOptions;
}

export interface TargetDeps {
  readonly systemd: Systemd;
  readonly installation: Installation & { readonly common: string };
  /** Options of the device for a pack without a service: --adapter, --radio, --pin-file. */
  readonly device: (address: Address) => DeviceOptions;
}

/** The pack of a service, by its name or its address; else the pack at this address. @throws {UsageError} */
export async function findPack(word: string, { systemd, installation, device }: TargetDeps): Promise<PackTarget> {
  const address = parseAddress(word);
  const batteries = await findBatteries(installation, systemd).catch((error) => {
    if (address) return [];
    throw error;
  });
  const battery = batteries.find(({ name }) => name === word) ?? batteries.find((one) => one.address === address);
  if (battery && (address === undefined || battery.address === address)) return installed(battery, installation);
  if (address) return { name: address, battery: undefined, device: device(address) };
  const known = batteries.map(({ name }) => name).join(", ") || "none";
  throw new UsageError(
    `no battery "${word}" is set up here; there are: ${known}. A Bluetooth address can be given instead`,
  );
}

/** The options of the service, as systemd reads them. */
function installed({ name }: Battery, { files, pins, common }: TargetDeps["installation"]): PackTarget {
  const variables = [common, join(files, `${name}.env`)].flatMap((file) => [...variablesIn(file)]);
  const env: Environment = { ...Object.fromEntries(variables), BMS_INSTANCE: name };
  const pin = join(pins, name);
  const values = readEnvironment(DEVICE_OPTIONS, { ...env, ...(existsSync(pin) && { BMS_PIN_FILE: pin }) });
  return { name, battery: name, device: { ...readDeviceOptions({ values, env }), capture: undefined } };
}

function variablesIn(file: string): ReadonlyMap<string, string> {
  try {
    return parseEnvironmentFile(readFileSync(file, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return new Map();
    if (code === "EACCES") throw new UsageError(`${file} may not be read by this user: use sudo`);
    throw error;
  }
}
