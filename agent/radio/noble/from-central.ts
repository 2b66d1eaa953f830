import { EventEmitter } from "node:events";
import type { Address } from "../../../common/model/address.ts";
import type { Central, Connection, GattService } from "../central.ts";
import { type Advertisement, RadioError } from "../radio.ts";
import type { Bindings, OperationFailure } from "./bindings.ts";

/**
 * Turns a Central into bindings that noble's classes run on. Ids are addresses, and UUIDs pass in this project's
 * spelling. What noble has no room for stays beside it: advertisements (noble keeps one company's data, and 127 for an
 * unknown RSSI) by `advertisement`, errors by `operationFailed`.
 */
export function bindingsFromCentral(central: Central): Bindings {
  const emitter = new EventEmitter();
  /** Latest advertisements. Those of devices that are not connected are dropped when a scan begins. */
  const received = new Map<Address, Advertisement>();
  const attempts = new Map<Address, AbortController>();
  const connections = new Map<Address, Connection>();
  const services = new WeakMap<Connection, readonly GattService[]>();
  let scanning = new AbortController();
  let scanEnded: Promise<void> = Promise.resolve();

  function announce(advertisement: Advertisement): void {
    const { address, addressType, rssi = NO_RSSI } = advertisement;
    received.set(address, advertisement);
    emitter.emit("discover", address, address, addressType, true, {}, rssi);
  }

  async function followAdapter(): Promise<void> {
    for await (const isOn of central.usable) emitter.emit("stateChange", isOn ? "poweredOn" : "poweredOff");
  }

  async function scan(signal: AbortSignal): Promise<void> {
    for (const address of received.keys()) if (!connections.has(address)) received.delete(address);
    const found = central.scan(signal);
    const failed = (error: RadioError) => {
      // The start of a scan that was stopped before is confirmed as well: the caller waits for it.
      if (signal.aborted) emitter.emit("scanStart", false);
      else fail({ operation: "scan" }, error);
    };
    found.started.then(() => emitter.emit("scanStart", false), failed);
    try {
      for await (const advertisement of found) announce(advertisement);
    } catch (error) {
      // `started` rejects with the same error; a scan that fails later is reported by the next one.
      if (!(error instanceof RadioError)) throw error;
    }
  }

  async function connect(address: Address): Promise<void> {
    const attempt = new AbortController();
    attempts.set(address, attempt);
    try {
      const connection = await central.connect(address, attempt.signal);
      if (attempt.signal.aborted) return void connection.close();
      connections.set(address, connection);
      emitter.emit("connect", address, null);
      const lose = () => {
        if (connections.get(address) === connection) connections.delete(address);
        emitter.emit("disconnect", address, connection.lost.reason);
      };
      if (connection.lost.aborted) lose();
      else connection.lost.addEventListener("abort", lose, { once: true });
    } catch (error) {
      if (attempt.signal.aborted) return;
      if (!(error instanceof RadioError)) throw error;
      emitter.emit("connect", address, error);
    } finally {
      if (attempts.get(address) === attempt) attempts.delete(address);
    }
  }

  function fail(failure: Omit<OperationFailure, "error">, error: unknown): void {
    if (!(error instanceof RadioError)) throw error;
    emitter.emit("operationFailed", { ...failure, error });
  }

  /** Runs a step on a connection and reports its failure. */
  async function step(
    failure: Omit<OperationFailure, "error"> & { readonly id: string },
    work: (connection: Connection) => Promise<void>,
  ): Promise<void> {
    try {
      const connection = connections.get(failure.id);
      if (!connection) throw new RadioError("disconnected", `${failure.id}: link lost`);
      await work(connection);
    } catch (error) {
      fail(failure, error);
    }
  }

  async function passOn(values: AsyncIterable<Uint8Array>, ...where: readonly [string, string, string]) {
    for await (const value of values) emitter.emit("read", ...where, Buffer.from(value), true);
  }

  const bindings: Omit<Bindings, keyof EventEmitter> = {
    init: () => void followAdapter(),
    startScanning() {
      scanning = new AbortController();
      scanEnded = scan(scanning.signal);
    },
    stopScanning() {
      scanning.abort(new RadioError("disconnected", "the scan was stopped"));
      void scanEnded.then(() => emitter.emit("scanStop"));
    },
    connect: (id) => void connect(id),
    cancelConnect: (id) => attempts.get(id)?.abort(new RadioError("disconnected", "the attempt was cancelled")),
    disconnect(id) {
      const connection = connections.get(id);
      if (connection) void connection.close();
      else setImmediate(() => emitter.emit("disconnect", id));
    },
    discoverServices: (id) =>
      void step({ operation: "discover", id }, async (connection) => {
        const found = await connection.services();
        services.set(connection, found);
        const uuids = found.map(({ uuid }) => uuid);
        emitter.emit("servicesDiscover", id, uuids);
      }),
    discoverCharacteristics: (id, service) =>
      void step({ operation: "discover", id }, async (connection) => {
        const found = services.get(connection)?.find(({ uuid }) => uuid === service);
        const characteristics = (found?.characteristics ?? []).map((uuid) => ({ uuid, properties: [] }));
        emitter.emit("characteristicsDiscover", id, service, characteristics);
      }),
    read: (id, service, characteristic) =>
      void step({ operation: "read", id, service, characteristic }, async (connection) => {
        const value = await connection.read({ service, characteristic });
        emitter.emit("read", id, service, characteristic, Buffer.from(value), false);
      }),
    write: (id, service, characteristic, data, withoutResponse) =>
      void step({ operation: "write", id, service, characteristic }, async (connection) => {
        await connection.write({ service, characteristic }, data, withoutResponse ? "command" : "acknowledged");
        emitter.emit("write", id, service, characteristic);
      }),
    notify: (id, service, characteristic, on) =>
      void step({ operation: "notify", id, service, characteristic }, async (connection) => {
        void passOn(await connection.subscribe({ service, characteristic }), id, service, characteristic);
        emitter.emit("notify", id, service, characteristic, on);
      }),
    listen: (address, signal) => central.listen(address, signal),
    recall(address) {
      const advertisement = central.known?.(address);
      if (!advertisement) return undefined;
      announce(advertisement);
      return address;
    },
    advertisement: (id) => central.known?.(id) ?? received.get(id),
    pair: (id) =>
      void step({ operation: "pair", id }, async (connection) => {
        await connection.pair?.();
        emitter.emit("pair", id);
      }),
    canPair: (id) => connections.get(id)?.pair !== undefined,
    fault: () => central.fault(),
    async close() {
      scanning.abort(new RadioError("disconnected", "the radio was closed"));
      for (const attempt of attempts.values()) attempt.abort(new RadioError("disconnected", "the radio was closed"));
      await central.close();
    },
  };
  return Object.assign(emitter, bindings);
}

/** noble's RSSI of a device whose signal strength is unknown. */
const NO_RSSI = 127;
