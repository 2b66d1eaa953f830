import { EventEmitter } from "node:events";
import { createConnection, type Socket } from "node:net";
import type { Address } from "../../../common/model/address.ts";
import type { Clock } from "../../../common/runtime/clock.ts";
import type { Bindings, OperationFailure } from "../noble/bindings.ts";
import { addressOf, nobleId, nobleUuid } from "../noble/names.ts";
import { type Advertisement, normaliseUuid, RadioError } from "../radio.ts";
import { LineError, parseLine } from "./json-lines.ts";
import { lineReader } from "./line-reader.ts";
import {
  MAX_LINE_BYTES,
  SIMULATOR_EVENTS,
  type SimulatedService,
  type SimulatorEvent,
  type SimulatorRequest,
} from "./protocol.ts";

/** Between two tries to reach the simulator, in ms. */
const RETRY_MS = 200;
/** HCI's reason for a link that is out of range. */
const LINK_LOST = 0x08;

/**
 * Bindings whose radio is the simulator behind the unix socket at `path`. The adapter is on while the simulator listens;
 * when the simulator ends, every link is lost, and the adapter comes back by itself with the next simulator.
 */
export function simulatedBindings(path: string, clock: Clock): Bindings {
  const emitter = new EventEmitter();
  const stopped = new AbortController();
  /** noble throws at events of devices that it does not know: only what was asked for is told. */
  const connecting = new Set<Address>();
  const linked = new Set<Address>();
  const services = new Map<Address, readonly SimulatedService[]>();
  const advertised = new Map<Address, Advertisement>();
  let socket: Socket | undefined;
  let fault: RadioError | undefined;
  let isOn = false;

  function start(): void {
    const attempt = createConnection(path);
    const read = lineReader(MAX_LINE_BYTES, (line) => hear(parseLine(line, "event", SIMULATOR_EVENTS)));
    socket = attempt;
    attempt.once("connect", () => switchOn());
    attempt.on("data", (chunk) => {
      try {
        read(chunk);
      } catch (error) {
        if (!(error instanceof LineError)) throw error;
        attempt.destroy(error);
      }
    });
    attempt.on("error", (error: NodeJS.ErrnoException) => {
      fault = unreachable(path, error);
    });
    attempt.once("close", () => {
      fault ??= new RadioError("adapter-missing", `the simulator at ${path} has ended: start it again`);
      switchOff();
      clock.sleep(RETRY_MS, stopped.signal).then(start, () => {});
    });
  }

  function switchOn(): void {
    fault = undefined;
    isOn = true;
    emitter.emit("stateChange", "poweredOn");
  }

  function switchOff(): void {
    connecting.clear();
    for (const address of linked) lose(address, LINK_LOST);
    isOn = false;
    emitter.emit("stateChange", "poweredOff");
  }

  function lose(address: Address, reason: number): void {
    linked.delete(address);
    services.delete(address);
    emitter.emit("disconnect", nobleId(address), reason);
  }

  function ask(request: SimulatorRequest): void {
    if (isOn) socket?.write(`${JSON.stringify(request)}\n`);
  }

  function hear(event: SimulatorEvent): void {
    const id = "address" in event ? nobleId(event.address) : "";
    switch (event.event) {
      case "advertised":
        advertised.set(event.address, advertisementOf(event));
        emitter.emit(
          "discover",
          id,
          event.address.toLowerCase(),
          event.addressType,
          true,
          advertisement(event),
          event.rssi,
        );
        return;
      case "connected":
        if (!connecting.delete(event.address)) return;
        linked.add(event.address);
        emitter.emit("connect", id, null);
        emitter.emit("onMtu", id, event.mtu);
        return;
      case "disconnected":
        if (linked.has(event.address)) lose(event.address, event.reason);
        return;
      case "discovered":
        if (!linked.has(event.address)) return;
        services.set(event.address, event.services);
        emitter.emit(
          "servicesDiscover",
          id,
          event.services.map((service) => nobleUuid(service.uuid)),
        );
        return;
      case "read":
      case "notified": {
        const data = Buffer.from(event.hex, "hex");
        emitAt(event.address, event.characteristic, "read", data, event.event === "notified");
        return;
      }
      case "written":
        emitAt(event.address, event.characteristic, "write");
        return;
      case "subscribed":
        emitAt(event.address, event.characteristic, "notify", event.on);
        return;
      case "failed":
        if (event.op === "connect") connecting.delete(event.address);
        fail(event);
        return;
    }
  }

  /** Emits an event of a characteristic that this link has discovered: noble throws at any other. */
  function emitAt(address: Address, characteristic: string, event: string, ...values: unknown[]): void {
    const service = serviceOf(address, characteristic);
    if (service) emitter.emit(event, nobleId(address), service, nobleUuid(characteristic), ...values);
  }

  function serviceOf(address: Address, characteristic: string): string | undefined {
    const found = services
      .get(address)
      ?.find((service) => service.characteristics.some(({ uuid }) => uuid === characteristic));
    return found && nobleUuid(found.uuid);
  }

  function fail(event: Extract<SimulatorEvent, { event: "failed" }>): void {
    const service = serviceOf(event.address, event.characteristic);
    const failure: OperationFailure = {
      operation: event.op === "subscribe" ? "notify" : event.op,
      id: nobleId(event.address),
      ...(service && { service, characteristic: nobleUuid(event.characteristic) }),
      error: failureOf(event),
    };
    emitter.emit("operationFailed", failure);
  }

  const bindings: BindingMethods = {
    init: start,
    startScanning() {
      ask({ op: "scan", on: true });
      setImmediate(() => emitter.emit("scanStart", false));
    },
    stopScanning() {
      ask({ op: "scan", on: false });
      setImmediate(() => emitter.emit("scanStop"));
    },
    connect(id) {
      connecting.add(addressOf(id));
      ask({ op: "connect", address: addressOf(id) });
    },
    cancelConnect: (id) => ask({ op: "cancel", address: addressOf(id) }),
    disconnect: (id) => ask({ op: "disconnect", address: addressOf(id) }),
    discoverServices: (id) => ask({ op: "discover", address: addressOf(id) }),
    discoverCharacteristics(id, service) {
      const found = services.get(addressOf(id))?.find(({ uuid }) => nobleUuid(uuid) === service);
      const characteristics = (found?.characteristics ?? []).map(({ uuid, properties }) => ({
        uuid: nobleUuid(uuid),
        properties,
      }));
      setImmediate(() => emitter.emit("characteristicsDiscover", id, service, characteristics));
    },
    read: (id, _service, characteristic) =>
      ask({ op: "read", address: addressOf(id), characteristic: normaliseUuid(characteristic) }),
    write: (id, _service, characteristic, data, withoutResponse) =>
      ask({
        op: "write",
        address: addressOf(id),
        characteristic: normaliseUuid(characteristic),
        hex: data.toString("hex"),
        acknowledged: !withoutResponse,
      }),
    notify: (id, _service, characteristic, on) =>
      ask({ op: "subscribe", address: addressOf(id), characteristic: normaliseUuid(characteristic), on }),
    advertisement: (id) => advertised.get(addressOf(id)),
    fault: () => fault,
    async close() {
      stopped.abort();
      if (!socket || socket.destroyed) return;
      const closed = new Promise((resolve) => socket?.once("close", resolve));
      socket.destroy();
      await closed;
    },
  };
  return Object.assign(emitter, bindings);
}

type BindingMethods = Omit<Bindings, keyof EventEmitter>;

function advertisementOf(heard: Extract<SimulatorEvent, { event: "advertised" }>): Advertisement {
  const { address, addressType, name, rssi, services, manufacturer } = heard;
  const manufacturerData = new Map(
    manufacturer.map(({ company, hex }) => [company, Uint8Array.from(Buffer.from(hex, "hex"))]),
  );
  return { address, addressType, name, rssi, services, manufacturerData };
}

/** As noble hands it on. */
function advertisement(heard: Extract<SimulatorEvent, { event: "advertised" }>): unknown {
  const [first] = heard.manufacturer;
  return {
    localName: heard.name,
    serviceUuids: heard.services.map(nobleUuid),
    manufacturerData:
      first && Buffer.from([first.company & 0xff, first.company >> 8, ...Buffer.from(first.hex, "hex")]),
  };
}

function failureOf({ op, address, characteristic, code }: Extract<SimulatorEvent, { event: "failed" }>): RadioError {
  const what = `${address}: ${op}${characteristic && ` of ${characteristic}`} failed with 0x${code.toString(16)}`;
  if (op === "connect") return new RadioError("connect-failed", `${what}: seen, but it did not take the connection`);
  const isPairing = code === 0x05 || code === 0x0f;
  if (isPairing) return new RadioError("pairing-needed", `${what}: it wants to be paired first, with --pin`);
  return new RadioError("unsupported", `${what}: the device refuses it`);
}

function unreachable(path: string, error: NodeJS.ErrnoException): RadioError {
  const start = `start one with: npm run -s simulator -- --socket ${path}`;
  const why: Record<string, string> = {
    ENOENT: `there is no simulator at ${path}: ${start}`,
    ECONNREFUSED: `nobody listens at ${path}: ${start}`,
    EACCES: `no permission to use ${path}: run as the user who started the simulator`,
  };
  const message = why[error.code ?? ""] ?? `${path} is no simulator (${error.message}): ${start}`;
  return new RadioError("adapter-missing", message, { cause: error });
}
