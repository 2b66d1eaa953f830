import { createConnection, type Socket } from "node:net";
import type { Address } from "../../../common/model/address.ts";
import { firstAborted, orAborted, whenAborted } from "../../../common/runtime/abort.ts";
import type { Clock } from "../../../common/runtime/clock.ts";
import { type AsyncQueue, createAsyncQueue } from "../async-queue.ts";
import type { Central, Connection, Scan } from "../central.ts";
import { linkLost, OUT_OF_RANGE } from "../link-loss.ts";
import { type Advertisement, type Characteristic, RadioError } from "../radio.ts";
import { LineError, lineReader, parseLine } from "./json-lines.ts";
import { MAX_LINE_BYTES, SIMULATOR_EVENTS, type SimulatorEvent, type SimulatorRequest } from "./protocol.ts";

/** Between two attempts to reach the simulator, in ms. */
const RETRY_MS = 200;

/** A promise that waits for an event. */
interface Pending {
  resolve(event: SimulatorEvent): void;
  reject(error: RadioError): void;
}

/** A connection, and what its events lead to. */
interface SimulatedConnection {
  readonly connection: Connection;
  notified(characteristic: string, value: Uint8Array): void;
  lose(reason: number): void;
}

/**
 * A central whose radio is the simulator behind the unix socket at `path`. The adapter is usable while the simulator
 * listens; when it ends, every link is lost, and the adapter returns with the next simulator. With `device` it receives
 * no other device's advertisements.
 */
export function simulatedCentral(path: string, clock: Clock, device?: Address): Central {
  const closed = new AbortController();
  const usable = createAsyncQueue<boolean>();
  const scans = new Set<AsyncQueue<Advertisement>>();
  const connections = new Map<Address, SimulatedConnection>();
  /** By operation, address and characteristic; a later request replaces one that was never answered. */
  const pending = new Map<string, Pending>();
  let socket: Socket | undefined;
  let fault: RadioError | undefined;
  let isOn = false;

  function start(): void {
    const attempt = createConnection(path);
    const read = lineReader(MAX_LINE_BYTES, (line) => receive(parseLine(line, "event", SIMULATOR_EVENTS)));
    socket = attempt;
    attempt.once("connect", () => {
      fault = undefined;
      isOn = true;
      usable.push(true);
    });
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
      const ended = fault ?? new RadioError("adapter-missing", `the simulator at ${path} has ended: start it again`);
      fault = ended;
      isOn = false;
      usable.push(false);
      for (const { lose } of connections.values()) lose(OUT_OF_RANGE);
      for (const { reject } of pending.values()) reject(ended);
      pending.clear();
      clock.sleep(RETRY_MS, closed.signal).then(start, () => {});
    });
  }

  function send(request: SimulatorRequest): void {
    if (isOn) socket?.write(`${JSON.stringify(request)}\n`);
  }

  /** Sends a request; resolves with the event that answers it. @throws {RadioError} */
  function request(message: Extract<SimulatorRequest, { address: Address }>): Promise<SimulatorEvent> {
    return new Promise((resolve, reject) => {
      if (!isOn) return reject(notReady());
      const characteristic = "characteristic" in message ? message.characteristic : "";
      pending.set(keyOf(message.op, message.address, characteristic), { resolve, reject });
      send(message);
    });
  }

  function answer(op: SimulatorRequest["op"], address: Address, characteristic: string): Pending | undefined {
    const key = keyOf(op, address, characteristic);
    const waiting = pending.get(key);
    pending.delete(key);
    return waiting;
  }

  function notReady(): RadioError {
    return fault ?? new RadioError("adapter-missing", `the simulator at ${path} has not answered yet: try again`);
  }

  function receive(event: SimulatorEvent): void {
    switch (event.event) {
      case "advertised": {
        const advertisement = advertisementOf(event);
        for (const scan of scans) scan.push(advertisement);
        return;
      }
      case "connected": {
        const waiting = answer("connect", event.address, "");
        if (waiting) waiting.resolve(event);
        else if (!connections.has(event.address)) send({ op: "disconnect", address: event.address });
        return;
      }
      case "disconnected":
        connections.get(event.address)?.lose(event.reason);
        return;
      case "discovered":
        answer("discover", event.address, "")?.resolve(event);
        return;
      case "read":
        answer("read", event.address, event.characteristic)?.resolve(event);
        return;
      case "written":
        answer("write", event.address, event.characteristic)?.resolve(event);
        return;
      case "subscribed":
        answer("subscribe", event.address, event.characteristic)?.resolve(event);
        return;
      case "notified":
        connections.get(event.address)?.notified(event.characteristic, fromHex(event.hex));
        return;
      case "failed":
        answer(event.op, event.address, event.characteristic)?.reject(failureOf(event));
        return;
    }
  }

  function scan(signal: AbortSignal): Scan {
    const received = createAsyncQueue<Advertisement>();
    if (!isOn) {
      const started = Promise.reject(notReady());
      started.catch(() => {});
      received.end(notReady());
      return { started, [Symbol.asyncIterator]: () => received[Symbol.asyncIterator]() };
    }
    scans.add(received);
    send({ op: "scan", on: true, device });
    void whenAborted(signal, closed.signal).then(() => {
      scans.delete(received);
      if (scans.size === 0) send({ op: "scan", on: false, device });
      received.end();
    });
    return { started: Promise.resolve(), [Symbol.asyncIterator]: () => received[Symbol.asyncIterator]() };
  }

  /** Each process has a simulated adapter of its own: there is nobody to give way to. */
  async function* listen(address: Address, signal: AbortSignal): AsyncGenerator<Advertisement> {
    for await (const advertisement of scan(signal)) if (advertisement.address === address) yield advertisement;
  }

  async function connect(address: Address, signal: AbortSignal): Promise<Connection> {
    const cancelled = firstAborted(signal, closed.signal);
    const cancel = () => {
      if (answer("connect", address, "")) send({ op: "cancel", address });
    };
    cancelled.signal.addEventListener("abort", cancel, { once: true });
    try {
      await orAborted(cancelled.signal, request({ op: "connect", address }));
      const opened = openConnection(address);
      connections.set(address, opened);
      return opened.connection;
    } finally {
      cancelled.release();
    }
  }

  function openConnection(address: Address): SimulatedConnection {
    const lost = new AbortController();
    const subscribed = new Map<string, AsyncQueue<Uint8Array>>();

    function lose(reason: number) {
      connections.delete(address);
      lost.abort(linkLost(address, reason));
      for (const values of subscribed.values()) values.end();
    }

    /** Sends what is not answered. */
    function command(message: SimulatorRequest): void {
      lost.signal.throwIfAborted();
      if (!isOn) throw notReady();
      send(message);
    }

    function step(message: Extract<SimulatorRequest, { address: Address }>): Promise<SimulatorEvent> {
      return orAborted(lost.signal, request(message));
    }

    const connection: Connection = {
      lost: lost.signal,
      async services() {
        const found = await step({ op: "discover", address });
        if (found.event !== "discovered") return [];
        return found.services.map(({ uuid, characteristics }) => ({
          uuid,
          characteristics: characteristics.map((each) => each.uuid),
        }));
      },
      async read({ characteristic }: Characteristic) {
        const found = await step({ op: "read", address, characteristic });
        return found.event === "read" ? fromHex(found.hex) : new Uint8Array();
      },
      async write({ characteristic }, bytes, mode) {
        const acknowledged = mode === "acknowledged";
        const hex = Buffer.from(bytes).toString("hex");
        const message = { op: "write", address, characteristic, hex, acknowledged } as const;
        if (acknowledged) await step(message);
        else command(message);
      },
      async subscribe({ characteristic }) {
        subscribed.get(characteristic)?.end();
        const values = createAsyncQueue<Uint8Array>();
        subscribed.set(characteristic, values);
        await step({ op: "subscribe", address, characteristic, on: true });
        return values;
      },
      async close() {
        if (lost.signal.aborted) return;
        send({ op: "disconnect", address });
        await whenAborted(lost.signal);
      },
    };
    return { connection, lose, notified: (characteristic, value) => subscribed.get(characteristic)?.push(value) };
  }

  start();
  return {
    usable,
    fault: () => fault,
    scan,
    listen,
    connect,
    async close() {
      closed.abort(new RadioError("disconnected", "the radio was closed"));
      usable.end();
      if (!socket || socket.destroyed) return;
      const ended = new Promise((resolve) => socket?.once("close", resolve));
      socket.destroy();
      await ended;
    },
  };
}

const keyOf = (op: string, address: Address, characteristic: string) => `${op} ${address} ${characteristic}`;

const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

function advertisementOf(event: Extract<SimulatorEvent, { event: "advertised" }>): Advertisement {
  const { address, addressType, name, rssi, services, manufacturer } = event;
  const manufacturerData = new Map(manufacturer.map(({ company, hex }) => [company, fromHex(hex)]));
  return { address, addressType, name, rssi, services, manufacturerData };
}

function failureOf({ op, address, characteristic, code }: Extract<SimulatorEvent, { event: "failed" }>): RadioError {
  const what = `${address}: ${op}${characteristic && ` of ${characteristic}`} failed with 0x${code.toString(16)}`;
  if (op === "connect") return new RadioError("connect-failed", `${what}: seen, but it did not accept the connection`);
  const isPairing = code === 0x05 || code === 0x0f;
  if (isPairing) return new RadioError("pairing-needed", `${what}: it requires pairing, with --pin`);
  return new RadioError("unsupported", `${what}: the device refuses it`);
}

function unreachable(path: string, error: NodeJS.ErrnoException): RadioError {
  const start = `start one with: npm run -s simulator -- --socket ${path}`;
  const why: Record<string, string> = {
    ENOENT: `there is no simulator at ${path}: ${start}`,
    ECONNREFUSED: `nothing listens at ${path}: ${start}`,
    EACCES: `no permission to use ${path}: run as the user who started the simulator`,
  };
  const message = why[error.code ?? ""] ?? `${path} is not a simulator (${error.message}): ${start}`;
  return new RadioError("adapter-missing", message, { cause: error });
}
