import { variant } from "../dbus/dbus-next.ts";
import { nobleUuid } from "../noble/names.ts";
import { normaliseUuid, RadioError } from "../radio.ts";
import type { Daemon } from "./client.ts";
import { CHARACTERISTIC } from "./names.ts";
import type { Mirror } from "./object-cache.ts";
import type { CharacteristicObject, Path } from "./objects.ts";

/** noble's words for BlueZ's flags. */
const PROPERTIES_BY_FLAG: Readonly<Record<string, string>> = {
  broadcast: "broadcast",
  read: "read",
  "write-without-response": "writeWithoutResponse",
  write: "write",
  notify: "notify",
  indicate: "indicate",
  "authenticated-signed-writes": "authenticatedSignedWrites",
};

/**
 * Services and characteristics of one connected device, UUIDs in noble's spelling. BlueZ keeps 1800, 1801 and 180F to
 * itself, and reads a long value whole.
 */
export interface Gatt {
  services(): string[];
  characteristics(service: string): { readonly uuid: string; readonly properties: string[] }[];
  /** Bytes; undefined where this BlueZ does not tell. */
  mtu(): number | undefined;
  /** The path of a characteristic's object. @throws {RadioError} unsupported, where there is none */
  find(service: string, characteristic: string): Path;
  /** @throws {RadioError} {BusError} */
  read(service: string, characteristic: string): Promise<Buffer>;
  /** @throws {RadioError} {BusError} */
  write(service: string, characteristic: string, data: Buffer, withoutResponse: boolean): Promise<void>;
  /** @throws {RadioError} {BusError} */
  notify(service: string, characteristic: string, on: boolean): Promise<void>;
}

export function gattOf(device: Path, daemon: Daemon, { objects }: Mirror): Gatt {
  const within = (service: string): CharacteristicObject[] =>
    objects
      .services(device)
      .filter(({ uuid }) => nobleUuid(uuid) === service)
      .flatMap(({ path }) => objects.characteristics(path));

  function find(service: string, characteristic: string): Path {
    const found = within(service).find(({ uuid }) => nobleUuid(uuid) === characteristic);
    if (found) return found.path;
    const name = `${normaliseUuid(characteristic)} in service ${normaliseUuid(service)}`;
    throw new RadioError("unsupported", `the device has no characteristic ${name}`);
  }

  const call = (path: Path, member: string, signature = "", body: unknown[] = []) =>
    daemon.call({ path, interface: CHARACTERISTIC, member, signature, body });

  return {
    find,
    services: () => [...new Set(objects.services(device).map(({ uuid }) => nobleUuid(uuid)))],
    characteristics: (service) =>
      within(service).map(({ uuid, flags }) => ({
        uuid: nobleUuid(uuid),
        properties: flags.flatMap((flag) => PROPERTIES_BY_FLAG[flag] ?? []),
      })),
    mtu: () =>
      objects
        .services(device)
        .flatMap(({ path }) => objects.characteristics(path))
        .find(({ mtu }) => mtu !== undefined)?.mtu,
    async read(service, characteristic) {
      const [value] = await call(find(service, characteristic), "ReadValue", "a{sv}", [{}]);
      if (value instanceof Uint8Array) return Buffer.from(value);
      throw new RadioError("unsupported", `reading ${normaliseUuid(characteristic)} gave no bytes`);
    },
    async write(service, characteristic, data, withoutResponse) {
      const options = { type: variant("s", withoutResponse ? "command" : "request") };
      await call(find(service, characteristic), "WriteValue", "aya{sv}", [data, options]);
    },
    async notify(service, characteristic, on) {
      const path = find(service, characteristic);
      if (on) await daemon.watch(path);
      await call(path, on ? "StartNotify" : "StopNotify");
    },
  };
}
