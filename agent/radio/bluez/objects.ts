import { type Address, type AddressType, parseAddress } from "../../../common/model/address.ts";
import { normaliseUuid } from "../radio.ts";
import { ADAPTER, CHARACTERISTIC, DEVICE, SERVICE } from "./names.ts";

/** An object's path on D-Bus, such as `/org/bluez/hci0/dev_A4_C1_37_00_00_01`. */
export type Path = string;

export interface AdapterObject {
  readonly path: Path;
  /** The kernel's name: `hci0`. */
  readonly name: string;
  readonly address: Address;
  readonly powered: boolean;
  readonly discovering: boolean;
}

export interface DeviceObject {
  readonly path: Path;
  readonly address: Address;
  readonly addressType: AddressType;
  /** From its advertisement; empty when there is none. */
  readonly name: string;
  /** dBm; only while the discovery of some client receives it. */
  readonly rssi: number | undefined;
  /** dBm, of its latest advertisement. */
  readonly lastRssi: number | undefined;
  readonly services: readonly string[];
  readonly manufacturerData: ReadonlyMap<number, Uint8Array>;
  readonly connected: boolean;
  readonly servicesResolved: boolean;
  readonly paired: boolean;
}

export interface ServiceObject {
  readonly path: Path;
  readonly uuid: string;
}

export interface CharacteristicObject {
  readonly path: Path;
  readonly uuid: string;
  /** Its properties, in the words of BlueZ: `read`, `write-without-response`, `notify` … */
  readonly flags: readonly string[];
}

export type Properties = Readonly<Record<string, unknown>>;

/** Limits of the copy of bluetoothd's objects. */
export interface ObjectLimits {
  /** Devices that are not connected. */
  readonly strangers: number;
  readonly objects: number;
  /** Bytes of an object's names, texts and values: an advertisement has no more than 1,650. */
  readonly size: number;
}

export const OBJECT_LIMITS: ObjectLimits = { strangers: 2_048, objects: 8_192, size: 16_384 };

/**
 * A copy of the objects that bluetoothd exports, fed from GetManagedObjects and the signals after it, and read without
 * waiting. Values of another type than BlueZ documents count as absent. What exceeds the limits is refused; connected
 * devices, adapters and what is below them have places of their own, as anybody may advertise any number of devices.
 */
export class BluezObjects {
  readonly #objects = new Map<Path, Map<string, Properties>>();
  readonly #lastRssi = new Map<Path, number>();
  readonly #limits: ObjectLimits;
  readonly #refused: (limit: keyof ObjectLimits) => void;
  #isPartial = false;

  /** `refused` is called with the limit, each time that one is met. */
  constructor(refused: (limit: keyof ObjectLimits) => void = () => {}, limits = OBJECT_LIMITS) {
    this.#refused = refused;
    this.#limits = limits;
  }

  /** True once anything was refused since the last whole list. */
  get isPartial(): boolean {
    return this.#isPartial;
  }

  clear(): void {
    this.#objects.clear();
  }

  has(path: Path): boolean {
    return this.#objects.has(path);
  }

  /** Applies the body of an InterfacesAdded signal, or one object of GetManagedObjects. */
  add(path: unknown, interfaces: unknown): void {
    if (typeof path !== "string") return;
    const added = Object.entries(asProperties(interfaces));
    const known = this.#objects.get(path);
    const merged = new Map(known);
    for (const [name, properties] of added) merged.set(name, { ...known?.get(name), ...asProperties(properties) });
    if (!this.#hasRoom(path, merged)) return;
    this.#objects.set(path, merged);
    for (const [, properties] of added) this.#keepRssi(path, properties);
  }

  /** Applies the whole answer of GetManagedObjects: objects that it does not contain are gone. */
  replace(all: unknown): void {
    this.#objects.clear();
    this.#isPartial = false;
    for (const [path, interfaces] of Object.entries(asProperties(all))) this.add(path, interfaces);
    for (const path of this.#lastRssi.keys()) if (!this.#objects.has(path)) this.#lastRssi.delete(path);
  }

  /** Applies the body of an InterfacesRemoved signal. */
  remove(path: unknown, interfaces: unknown): void {
    if (typeof path !== "string") return;
    const known = this.#objects.get(path);
    for (const name of texts(interfaces)) known?.delete(name);
    if (known?.size !== 0) return;
    this.#objects.delete(path);
    this.#lastRssi.delete(path);
  }

  /** Applies the body of a PropertiesChanged signal, or the answer of GetAll. Unknown objects are ignored. */
  change(path: Path, name: unknown, changed: unknown, invalidated: unknown): void {
    const known = this.#objects.get(path);
    if (!known || typeof name !== "string") return;
    const properties: Record<string, unknown> = { ...known.get(name), ...asProperties(changed) };
    for (const gone of texts(invalidated)) delete properties[gone];
    if (!this.#hasRoom(path, new Map([...known, [name, properties]]))) return;
    known.set(name, properties);
    this.#keepRssi(path, changed);
  }

  adapters(): AdapterObject[] {
    const adapters: AdapterObject[] = [];
    for (const path of this.#paths(ADAPTER)) {
      const { Address, Powered, Discovering } = this.#properties(path, ADAPTER);
      const address = parseAddress(text(Address));
      const name = path.split("/").at(-1) ?? "";
      if (address) adapters.push({ path, name, address, powered: Powered === true, discovering: Discovering === true });
    }
    return adapters.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  }

  device(path: Path): DeviceObject | undefined {
    const device = this.#properties(path, DEVICE);
    const address = parseAddress(text(device.Address));
    if (!address) return undefined;
    return {
      path,
      address,
      addressType: device.AddressType === "random" ? "random" : "public",
      name: text(device.Name),
      rssi: typeof device.RSSI === "number" ? device.RSSI : undefined,
      lastRssi: this.#lastRssi.get(path),
      services: texts(device.UUIDs).map(normaliseUuid),
      manufacturerData: payloads(device.ManufacturerData),
      connected: device.Connected === true,
      servicesResolved: device.ServicesResolved === true,
      paired: device.Paired === true,
    };
  }

  /** The devices of this adapter. */
  devices(adapter: Path): DeviceObject[] {
    return this.#below(adapter, DEVICE).flatMap((path) => this.device(path) ?? []);
  }

  services(device: Path): ServiceObject[] {
    return this.#below(device, SERVICE).map((path) => ({ path, uuid: this.#uuid(path, SERVICE) }));
  }

  characteristics(service: Path): CharacteristicObject[] {
    return this.#below(service, CHARACTERISTIC).map((path) => ({
      path,
      uuid: this.#uuid(path, CHARACTERISTIC),
      flags: texts(this.#properties(path, CHARACTERISTIC).Flags),
    }));
  }

  /** True if the object, with its new properties, is within the limits. */
  #hasRoom(path: Path, interfaces: ReadonlyMap<string, Properties>): boolean {
    const limit = this.#limitMet(path, interfaces);
    if (!limit) return true;
    this.#isPartial = true;
    this.#refused(limit);
    return false;
  }

  #limitMet(path: Path, interfaces: ReadonlyMap<string, Properties>): keyof ObjectLimits | undefined {
    const { strangers, objects, size } = this.#limits;
    if (sizeOf(Object.fromEntries(interfaces)) > size) return "size";
    if (this.#objects.has(path)) return undefined;
    if (this.#objects.size >= objects) return "objects";
    const isFull = () => [...this.#objects.values()].filter(isStranger).length >= strangers;
    if (this.#objects.size >= strangers && isStranger(interfaces) && isFull()) return "strangers";
    return undefined;
  }

  #keepRssi(path: Path, properties: unknown): void {
    const { RSSI } = asProperties(properties);
    if (typeof RSSI === "number") this.#lastRssi.set(path, RSSI);
  }

  #paths(name: string): Path[] {
    return [...this.#objects].filter(([, interfaces]) => interfaces.has(name)).map(([path]) => path);
  }

  /** Sorted by path, which is the order of the handles. */
  #below(parent: Path, name: string): Path[] {
    return this.#paths(name)
      .filter((path) => path.startsWith(`${parent}/`))
      .sort();
  }

  #properties(path: Path, name: string): Properties {
    return this.#objects.get(path)?.get(name) ?? {};
  }

  #uuid(path: Path, name: string): string {
    return normaliseUuid(text(this.#properties(path, name).UUID));
  }
}

/** The path of a device's object. */
export function devicePath(adapter: Path, address: Address): Path {
  return `${adapter}/dev_${address.replace(/:/g, "_")}`;
}

/** The address in the path of a device's object. */
export function addressIn(device: Path): Address {
  return device.slice(-17).replaceAll("_", ":");
}

/** The value if it is a dictionary, else an empty one. */
export function asProperties(value: unknown): Properties {
  return value !== null && typeof value === "object" ? (value as Properties) : {};
}

/** True for a device that is not connected. */
function isStranger(interfaces: ReadonlyMap<string, Properties>): boolean {
  const device = interfaces.get(DEVICE);
  return device !== undefined && device.Connected !== true;
}

/** Texts and bytes by their length, anything else as eight bytes. */
function sizeOf(value: unknown): number {
  if (typeof value === "string" || value instanceof Uint8Array) return value.length;
  if (value === null || typeof value !== "object") return 8;
  return Object.entries(value).reduce((sum, [key, inner]) => sum + key.length + sizeOf(inner), 0);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function payloads(value: unknown): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (const [company, payload] of Object.entries(asProperties(value))) {
    if (payload instanceof Uint8Array) found.set(Number(company), Uint8Array.from(payload));
  }
  return found;
}
