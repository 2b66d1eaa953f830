import { type Address, parseAddress } from "../common/model/address.ts";
import { antFamily } from "./ant/family.ts";
import { dalyFamily } from "./daly/family.ts";
import { ecoworthyFamily } from "./ecoworthy/family.ts";
import type { SimulatedFamily } from "./family.ts";
import { jbdFamily } from "./jbd/family.ts";
import { jkFamily } from "./jk/family.ts";
import { litimeFamily } from "./litime/family.ts";
import { modbusFamily } from "./modbus/family.ts";
import { thornwaveFamily } from "./thornwave/family.ts";
import { victronFamily } from "./victron/family.ts";

/** Every simulated family: the only file that knows them all. */
export const FAMILIES = [
  antFamily,
  dalyFamily,
  ecoworthyFamily,
  jbdFamily,
  jkFamily,
  litimeFamily,
  modbusFamily,
  thornwaveFamily,
  victronFamily,
] as const satisfies readonly SimulatedFamily[];

export type FamilyName = (typeof FAMILIES)[number]["name"];
export type DeviceKind = (typeof FAMILIES)[number]["kinds"][number];
export const DEVICE_KINDS: readonly DeviceKind[] = FAMILIES.flatMap(({ kinds }) => kinds);

/** One device to simulate. */
export interface DeviceSpec {
  readonly address: Address;
  readonly kind: DeviceKind;
  /** Choices of its family: `family=classic,unsaved=stored`. */
  readonly choices?: string;
}

export function familyOf(kind: DeviceKind): SimulatedFamily {
  const family = FAMILIES.find(({ kinds }) => kinds.some((known) => known === kind));
  if (!family) throw new RangeError(`no kind ${kind}`);
  return family;
}

/** Number of devices by family. */
export type Counts = Readonly<Partial<Record<FamilyName, number>>>;

/** So many devices of each family, with its addresses from 00:00:01 up and its kinds in turn. */
export function usualDevices(counts: Counts): DeviceSpec[] {
  return FAMILIES.flatMap(({ name, addressPrefix, kinds }) =>
    Array.from({ length: counts[name] ?? 0 }, (_, i) => {
      const kind = kinds[i % kinds.length];
      const address = parseAddress(`${addressPrefix}${(i + 1).toString(16).padStart(6, "0")}`.replaceAll(":", ""));
      return kind && address ? [{ address, kind }] : [];
    }).flat(),
  );
}
