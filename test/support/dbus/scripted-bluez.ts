import { EventEmitter, once } from "node:events";
import { type BusMessage, type Variant, v } from "./message.ts";
import { type MessageBus, Refusal, type Reply, type Service, type ServiceBus } from "./message-bus.ts";

/** A device that BlueZ may receive. */
export interface ScriptedDevice {
  readonly address: string;
  readonly name?: string;
  /** dBm. */
  readonly rssi?: number;
  /** Manufacturer data by company identifier. */
  readonly companies?: readonly (readonly [number, Uint8Array])[];
  /** Values of the readable characteristics by service and characteristic, each UUID of 4 digits. */
  readonly gatt: Readonly<Record<string, Readonly<Record<string, Uint8Array>>>>;
}

type Properties = Readonly<Record<string, Variant>>;
type Handler = (call: BusMessage, client: string) => Reply | Promise<Reply>;

/** A bluetoothd whose objects and answers the test decides; its defaults follow BlueZ 5.66. */
export interface ScriptedBluez<B extends ServiceBus = MessageBus> {
  readonly bus: B;
  /** Calls on org.bluez interfaces and properties set so far, with the last part of the path: `Connect dev_…`. */
  readonly calls: readonly string[];
  /** Resolves with the next call of a method, once it has been answered. */
  called(member: string): Promise<BusMessage>;
  /** Resolves with the next client that leaves the bus. */
  left(): Promise<string>;
  /** Replaces the default answer to a method until the returned function is called. */
  answer(member: string, handler: Handler): () => void;
  add(path: string, interfaces: Readonly<Record<string, Properties>>): void;
  remove(path: string): void;
  set(path: string, name: string, properties: Properties, invalidated?: readonly string[]): void;
  /** Changes objects without a signal, as when one is lost or late. */
  silently(work: () => void): void;
  /** Plugs in an adapter that is on. */
  addAdapter(name: string, address: string): void;
  /** Lets each discovery receive the device; returns its path. */
  advertise(device: ScriptedDevice, adapter: string): string;
  /** Receives it now. */
  receive(device: string): void;
  /** The device advertises no longer. */
  silence(device: string): void;
  /** Exports the device's services and sets ServicesResolved. */
  resolve(device: string): void;
  /** Notifies a value of every characteristic with this UUID. */
  notify(device: string, characteristic: string, value: Uint8Array): void;
  /** bluetoothd dies; what it exported is gone. */
  die(): void;
  /** bluetoothd starts again with the adapters that it had and no device. */
  start(): void;
  close(): Promise<void>;
}

const ROOT = "/org/bluez";
const ADAPTER = "org.bluez.Adapter1";
const DEVICE = "org.bluez.Device1";
const SERVICE = "org.bluez.GattService1";
const CHARACTERISTIC = "org.bluez.GattCharacteristic1";
const OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager";
const PROPERTIES = "org.freedesktop.DBus.Properties";

export function scriptedBluez<B extends ServiceBus>(bus: B): ScriptedBluez<B> {
  const objects = new Map<string, Record<string, Properties>>();
  const devices = new Map<string, ScriptedDevice>();
  const overrides = new Map<string, Handler>();
  const discoverers = new Set<string>();
  const calls: string[] = [];
  const events = new EventEmitter();
  let isSilent = false;

  const signal: MessageBus["signal"] = (...values) => {
    if (!isSilent) bus.signal(...values);
  };

  function add(path: string, interfaces: Readonly<Record<string, Properties>>) {
    objects.set(path, { ...objects.get(path), ...interfaces });
    signal("/", OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", [path, interfaces]);
  }
  function remove(path: string) {
    for (const [gone, interfaces] of objects) {
      if (gone !== path && !gone.startsWith(`${path}/`)) continue;
      objects.delete(gone);
      signal("/", OBJECT_MANAGER, "InterfacesRemoved", "oas", [gone, Object.keys(interfaces)]);
    }
  }
  function set(path: string, name: string, properties: Properties, invalidated: readonly string[] = []) {
    const interfaces = objects.get(path);
    if (!interfaces) return;
    const kept = Object.entries(interfaces[name] ?? {}).filter(([property]) => !invalidated.includes(property));
    interfaces[name] = { ...Object.fromEntries(kept), ...properties };
    signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [name, properties, invalidated]);
  }

  function receive(path: string, device = devices.get(path)) {
    if (!device) return;
    const { address, name, rssi = -60, companies, gatt } = device;
    if (objects.get(path)?.[DEVICE]) return set(path, DEVICE, { RSSI: v("n", rssi) });
    add(path, {
      [DEVICE]: {
        Adapter: v("o", path.slice(0, path.lastIndexOf("/"))),
        Address: v("s", address),
        Alias: v("s", name ?? address.replaceAll(":", "-")),
        AddressType: v("s", "public"),
        ...(name && { Name: v("s", name) }),
        RSSI: v("n", rssi),
        UUIDs: v("as", Object.keys(gatt).map(longUuid)),
        ...(companies && { ManufacturerData: v("a{qv}", manufacturerData(companies)) }),
        Connected: v("b", false),
        ServicesResolved: v("b", false),
        Paired: v("b", false),
      },
    });
  }

  function resolve(path: string) {
    const { gatt = {} } = devices.get(path) ?? {};
    let handle = 1;
    const next = () => (handle++).toString(16).padStart(4, "0");
    for (const [service, characteristics] of Object.entries(gatt)) {
      const servicePath = `${path}/service${next()}`;
      add(servicePath, { [SERVICE]: { UUID: v("s", longUuid(service)), Primary: v("b", true), Device: v("o", path) } });
      for (const characteristic of Object.keys(characteristics)) {
        add(`${servicePath}/char${next()}`, {
          [CHARACTERISTIC]: {
            UUID: v("s", longUuid(characteristic)),
            Service: v("o", servicePath),
            Flags: v("as", ["read", "write-without-response", "write", "notify"]),
          },
        });
      }
    }
    set(path, DEVICE, { ServicesResolved: v("b", true) });
  }

  const usual: Readonly<Record<string, Handler>> = {
    GetManagedObjects: () => ({ signature: "a{oa{sa{sv}}}", body: [Object.fromEntries(objects)] }),
    GetAll: ({ path = "", body = [] }) => {
      const properties = objects.get(path)?.[String(body[0])];
      if (!properties) throw new Refusal("org.freedesktop.DBus.Error.UnknownObject");
      return { signature: "a{sv}", body: [properties] };
    },
    Set: ({ path = "", body: [name, property, value] = [] }) => {
      calls.push(`${property}=${value} ${path.split("/").at(-1)}`);
      set(path, String(name), { [String(property)]: v("b", value) });
      return {};
    },
    SetDiscoveryFilter: () => ({}),
    StartDiscovery: ({ path = "" }, client) => {
      discoverers.add(client);
      set(path, ADAPTER, { Discovering: v("b", true) });
      // After the answer, as advertisements arrive.
      setImmediate(() => {
        for (const [at, device] of devices) if (at.startsWith(`${path}/`)) receive(at, device);
      });
      return {};
    },
    StopDiscovery: ({ path = "" }, client) => {
      if (!discoverers.delete(client)) throw new Refusal("org.bluez.Error.Failed", "No discovery started");
      stopReceiving(path);
      return {};
    },
    Connect: ({ path = "" }) => {
      set(path, DEVICE, { Connected: v("b", true) }, ["RSSI"]);
      resolve(path);
      return {};
    },
    Disconnect: ({ path = "" }) => {
      set(path, DEVICE, { Connected: v("b", false), ServicesResolved: v("b", false) });
      return {};
    },
    ReadValue: ({ path = "" }) => ({ signature: "ay", body: [valueAt(path)] }),
    WriteValue: () => ({}),
    StartNotify: () => ({}),
    StopNotify: () => ({}),
    RegisterAgent: () => ({}),
    UnregisterAgent: () => ({}),
  };

  function stopReceiving(adapter: string) {
    if (discoverers.size > 0) return;
    set(adapter, ADAPTER, { Discovering: v("b", false) });
    for (const path of devices.keys()) set(path, DEVICE, {}, ["RSSI"]);
  }

  function valueAt(path: string): Uint8Array {
    const shortUuid = (at: string, name: string) => String(objects.get(at)?.[name]?.UUID?.value).slice(4, 8);
    const service = shortUuid(path.slice(0, path.lastIndexOf("/")), SERVICE);
    for (const [device, { gatt }] of devices) {
      const value = path.startsWith(`${device}/`) && gatt[service]?.[shortUuid(path, CHARACTERISTIC)];
      if (value) return value;
    }
    throw new Refusal("org.bluez.Error.NotPermitted", "Read not permitted");
  }

  const service: Service = {
    name: "org.bluez",
    handle(call, client) {
      const { member = "", path = "" } = call;
      if (call.interface?.startsWith("org.bluez.")) calls.push(`${member} ${path.split("/").at(-1)}`);
      const handler = overrides.get(member) ?? usual[member];
      if (!handler) throw new Refusal("org.freedesktop.DBus.Error.UnknownMethod", member);
      setImmediate(() => events.emit(`called ${member}`, call));
      return handler(call, client);
    },
    left(client) {
      events.emit("left", client);
      discoverers.delete(client);
      for (const path of objects.keys()) if (objects.get(path)?.[ADAPTER]) stopReceiving(path);
    },
  };
  bus.own(service);

  return {
    bus,
    calls,
    add,
    remove,
    set,
    called: async (member) => (await once(events, `called ${member}`))[0],
    left: async () => (await once(events, "left"))[0],
    answer(member, handler) {
      overrides.set(member, handler);
      return () => overrides.delete(member);
    },
    silently(work) {
      isSilent = true;
      work();
      isSilent = false;
    },
    addAdapter(name, address) {
      const flags = { Powered: v("b", true), Discovering: v("b", false) };
      add(`${ROOT}/${name}`, { [ADAPTER]: { Address: v("s", address), Roles: v("as", ["central"]), ...flags } });
    },
    resolve,
    receive: (path) => receive(path),
    silence: (device) => void devices.delete(device),
    advertise(device, adapter) {
      const path = `${ROOT}/${adapter}/dev_${device.address.replaceAll(":", "_")}`;
      devices.set(path, device);
      if (discoverers.size > 0) receive(path, device);
      return path;
    },
    notify(device, characteristic, value) {
      for (const [path, interfaces] of objects) {
        const uuid = interfaces[CHARACTERISTIC]?.UUID?.value;
        if (!path.startsWith(`${device}/`) || uuid !== longUuid(characteristic)) continue;
        set(path, CHARACTERISTIC, { Value: v("ay", value) });
      }
    },
    die() {
      for (const [path, interfaces] of objects) if (!interfaces[ADAPTER]) objects.delete(path);
      discoverers.clear();
      bus.own(undefined);
    },
    start: () => bus.own(service),
    close: () => bus.close(),
  };
}

function manufacturerData(companies: readonly (readonly [number, Uint8Array])[]): Properties {
  return Object.fromEntries(companies.map(([company, payload]) => [company, v("ay", payload)]));
}

function longUuid(short: string): string {
  return `0000${short}-0000-1000-8000-00805f9b34fb`;
}
