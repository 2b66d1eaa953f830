import { type AsyncQueue, createAsyncQueue } from "../async-queue.ts";
import type { GattService } from "../central.ts";
import { variant } from "../dbus/value.ts";
import { type Characteristic, RadioError, type WriteMode } from "../radio.ts";
import type { BluezClient } from "./client.ts";
import { CHARACTERISTIC } from "./names.ts";
import type { ObjectCache } from "./object-cache.ts";
import type { CharacteristicObject, Path } from "./objects.ts";

/**
 * Services and characteristics of one connected device. BlueZ keeps 1800, 1801 and 180F to itself, and reads a long
 * value whole. Operations throw a BusError, or RadioError unsupported when the device has no such characteristic.
 */
export interface Gatt {
  services(): readonly GattService[];
  read(at: Characteristic): Promise<Uint8Array>;
  write(at: Characteristic, bytes: Uint8Array, mode: WriteMode): Promise<void>;
  /** Values from the request on, until `end` or until the characteristic is subscribed to again. */
  subscribe(at: Characteristic): Promise<AsyncIterable<Uint8Array>>;
  /** Ends all subscriptions, without a call to bluetoothd. */
  end(): void;
}

/** Flags of which a characteristic has one for the operation. */
const USES = {
  read: ["read"],
  write: ["write-without-response", "write"],
  notify: ["notify", "indicate"],
} as const;
type Use = keyof typeof USES;

const WRITE_TYPES = { command: "command", acknowledged: "request" } as const;

export function openGatt(device: Path, client: BluezClient, { objects, onValue }: ObjectCache): Gatt {
  const subscribed = new Map<Path, AsyncQueue<Uint8Array>>();
  const paths = new Map<string, Path>();
  const removeListener = onValue((path, value) => subscribed.get(path)?.push(value));

  const within = (service: string): CharacteristicObject[] =>
    objects
      .services(device)
      .filter(({ uuid }) => uuid === service)
      .flatMap(({ path }) => objects.characteristics(path));

  /**
   * Of several characteristics with the same UUID, as JK boards have them, the first that allows this use. A search passes
   * over every object that bluetoothd lists, and each request needs its result.
   */
  function find({ service, characteristic }: Characteristic, use: Use): Path {
    const key = `${use} ${service} ${characteristic}`;
    const before = paths.get(key);
    if (before !== undefined && objects.has(before)) return before;
    const alike = within(service).filter(({ uuid }) => uuid === characteristic);
    const found = alike.find(({ flags }) => USES[use].some((flag) => flags.includes(flag))) ?? alike[0];
    if (found) {
      paths.set(key, found.path);
      return found.path;
    }
    const message = `the device has no characteristic ${characteristic} in service ${service}`;
    throw new RadioError("unsupported", message);
  }

  const call = (path: Path, member: string, signature = "", body: unknown[] = []) =>
    client.call({ path, interface: CHARACTERISTIC, member, signature, body });

  return {
    services: () =>
      [...new Set(objects.services(device).map(({ uuid }) => uuid))].map((uuid) => ({
        uuid,
        characteristics: within(uuid).map((characteristic) => characteristic.uuid),
      })),
    async read(at) {
      const [value] = await call(find(at, "read"), "ReadValue", "a{sv}", [{}]);
      if (value instanceof Uint8Array) return value;
      throw new RadioError("unsupported", `reading ${at.characteristic} returned no bytes`);
    },
    async write(at, bytes, mode) {
      const options = { type: variant("s", WRITE_TYPES[mode]) };
      await call(find(at, "write"), "WriteValue", "aya{sv}", [bytes, options]);
    },
    async subscribe(at) {
      const path = find(at, "notify");
      subscribed.get(path)?.end();
      const values = createAsyncQueue<Uint8Array>();
      subscribed.set(path, values);
      await client.watch(path);
      await call(path, "StartNotify");
      return values;
    },
    end() {
      removeListener();
      for (const values of subscribed.values()) values.end();
    },
  };
}
