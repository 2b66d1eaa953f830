import type { Advertisement } from "../radio/radio.ts";
import type { Confidence, Driver, Pattern } from "./driver.ts";
import { DRIVERS } from "./registry.ts";

/** The known properties of a device, from an advertisement or a link. */
export type Identity = Pick<Advertisement, "address" | "name" | "services" | "manufacturerData">;

/** A driver that knows a device. */
export interface Recognition {
  readonly driver: Driver;
  readonly confidence: Confidence;
  /** The conditions that hold, for people: `service FF00 and address A5:C2:37`. */
  readonly why: string;
}

const CONFIDENCES: readonly Confidence[] = ["certain", "likely", "possible"];

/** Drivers that know a device, surest first; each with its surest pattern. */
export function matchingDrivers(drivers: readonly Driver[], device: Identity): Recognition[] {
  const matches = drivers.flatMap((driver) => {
    const patterns = driver.identify.flatMap(({ confidence, ...conditions }) => {
      const why = reasons(conditions, device);
      return why ? [{ driver, confidence, why: why.join(" and ") }] : [];
    });
    return patterns.sort(bySureness).slice(0, 1);
  });
  return matches.sort(bySureness);
}

/** The driver that is surest of an advertisement; undefined where none is at least likely. */
export function recognise(advertisement: Advertisement, drivers: readonly Driver[] = DRIVERS): Recognition | undefined {
  return matchingDrivers(drivers, advertisement).find(({ confidence }) => confidence !== "possible");
}

function bySureness(a: Recognition, b: Recognition): number {
  return CONFIDENCES.indexOf(a.confidence) - CONFIDENCES.indexOf(b.confidence);
}

/** One reason for each condition; undefined where one of them does not hold. */
function reasons(conditions: Omit<Pattern, "confidence">, device: Identity): readonly string[] | undefined {
  const { services, names, companies, addressPrefixes, addressInManufacturerData } = conditions;
  const { manufacturerDataPrefixes } = conditions;
  const found: string[] = [];
  let all = true;
  function check(condition: string, alternatives: readonly string[] | undefined, holds: (one: string) => boolean) {
    const alternative = alternatives?.find(holds);
    if (alternative !== undefined) found.push(`${condition} ${alternative}`);
    else if (alternatives) all = false;
  }
  check("service", services?.map(uuidText), (uuid) => device.services.map(uuidText).includes(uuid));
  check("address", addressPrefixes, (prefix) => device.address.startsWith(`${prefix}:`));
  check("name", names, (glob) => matchesGlob(glob, device.name));
  check("company", companies?.map(hexWord), (company) =>
    [...device.manufacturerData.keys()].map(hexWord).includes(company),
  );
  check("manufacturer data", manufacturerDataPrefixes, (prefix) => advertisesPrefix(prefix, device));
  check("manufacturer data with", addressInManufacturerData && ["its address"], () => advertisesAddress(device));
  return all ? found : undefined;
}

/** Short UUIDs are printed in upper case, as the Bluetooth SIG does. */
const uuidText = (uuid: string) => (uuid.length === 4 ? uuid.toUpperCase() : uuid);
const hexWord = (word: number) => `0x${word.toString(16).toUpperCase().padStart(4, "0")}`;

function matchesGlob(glob: string, text: string): boolean {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("?", ".")
    .replaceAll("*", ".*");
  return new RegExp(`^${source}$`, "s").test(text);
}

/** `prefix` as in Pattern. */
function advertisesPrefix(prefix: string, { manufacturerData }: Identity): boolean {
  const [company = "", beginning = ""] = prefix.toLowerCase().split(" ");
  const payload = manufacturerData.get(Number.parseInt(company, 16));
  return payload !== undefined && matchesGlob(`${beginning}*`, Buffer.from(payload).toString("hex"));
}

/** The company identifier precedes its payload, least significant byte first, and may be a part of the address. */
function advertisesAddress({ address, manufacturerData }: Identity): boolean {
  const forwards = address.replaceAll(":", "").toLowerCase();
  const backwards = address.split(":").reverse().join("").toLowerCase();
  return [...manufacturerData].some(([company, payload]) => {
    const bytes = Buffer.from([company & 0xff, company >> 8, ...payload]).toString("hex");
    return bytes.includes(forwards) || bytes.includes(backwards);
  });
}
