import { lstat, rm } from "node:fs/promises";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { LineError, lineReader, parseLine } from "../agent/radio/simulated/json-lines.ts";
import {
  MAX_LINE_BYTES,
  SIMULATOR_REQUESTS,
  type SimulatorEvent,
  type SimulatorRequest,
} from "../agent/radio/simulated/protocol.ts";
import type { Clock } from "../common/runtime/clock.ts";
import { createClientAdapter } from "./client-adapter.ts";
import { CONTROL_REQUESTS, type ControlEvent, type ControlRequest } from "./control-protocol.ts";
import type { Simulator } from "./simulator.ts";

const REQUESTS = { ...SIMULATOR_REQUESTS, ...CONTROL_REQUESTS } as const;
/** Unread bytes of a client after which it is disconnected. */
const MAX_UNREAD = 1024 * 1024;

const MAX_SOCKET_PATH = 107;

/** The simulator cannot listen at its socket; the message gives the reason and a remedy. */
export class SocketTaken extends Error {
  override readonly name = "SocketTaken";
}

export interface SimulatorServer {
  /** Ends every link, closes the socket and removes it. */
  close(): Promise<void>;
}

/** Listens for radios and control clients at a unix socket. @throws {SocketTaken} */
export async function serveSimulator(simulator: Simulator, path: string, clock: Clock): Promise<SimulatorServer> {
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on("error", () => client.destroy());
    client.once("close", () => clients.delete(client));
    serveClient(client, simulator, clock);
  });
  await removeStaleSocket(path);
  await listen(server, path);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const client of clients) client.destroy();
      }),
  };
}

function serveClient(client: Socket, simulator: Simulator, clock: Clock): void {
  const send = (event: SimulatorEvent | ControlEvent) => {
    if (client.destroyed) return;
    client.write(`${JSON.stringify(event)}\n`);
    if (client.writableLength > MAX_UNREAD) client.destroy();
  };
  const adapter = createClientAdapter(simulator, clock, send);
  const read = lineReader(MAX_LINE_BYTES, (line) => {
    const request = requestIn(line, send);
    if (!request) return;
    if (isControl(request)) send(execute(simulator, request));
    else void adapter.handle(request);
  });
  client.on("data", (chunk) => {
    try {
      read(chunk);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      client.destroy();
    }
  });
  client.once("close", () => adapter.close());
}

function requestIn(line: string, send: (event: ControlEvent) => void): SimulatorRequest | ControlRequest | undefined {
  try {
    return parseLine(line, "op", REQUESTS);
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    send({ event: "refused", reason: error.message });
    return undefined;
  }
}

function isControl(request: SimulatorRequest | ControlRequest): request is ControlRequest {
  return Object.hasOwn(CONTROL_REQUESTS, request.op);
}

function execute(simulator: Simulator, request: ControlRequest): ControlEvent {
  try {
    switch (request.op) {
      case "set":
        simulator.set(request.device, request.fault);
        break;
      case "clear":
        simulator.clear(request.device, request.fault);
        break;
      case "drop":
        simulator.drop(request.device, request.reason);
        break;
      case "alarm":
        simulator.alarm(request.device, request.protection, request.on);
        break;
      case "cut-power":
        simulator.cutPower(request.device);
        break;
      case "memory": {
        const devices = [...simulator.memory(request.device)].map(([address, memory]) => ({ address, ...memory }));
        return { event: "memory", devices };
      }
      case "status":
        return {
          event: "status",
          devices: simulator.devices.map((device) => ({
            address: device.address,
            name: device.battery.name,
            isConnected: device.isConnected(),
            faults: device.layers().map(({ spec }) => spec),
          })),
        };
    }
    return { event: "done" };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { event: "refused", reason: error.message };
  }
}

/** Removes the socket that a killed simulator has left, and nothing else. @throws {SocketTaken} */
async function removeStaleSocket(path: string): Promise<void> {
  // Node truncates a longer path and listens at the rest.
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    throw new SocketTaken(`${path} is too long for a socket: choose a path of at most ${MAX_SOCKET_PATH} bytes`);
  }
  const there = await lstat(path).catch(() => undefined);
  if (!there) return;
  if (!there.isSocket()) throw new SocketTaken(`${path} is not a socket: choose another path`);
  if (await isAnswered(path))
    throw new SocketTaken(`${path} is in use: stop the simulator that listens there, or choose another path`);
  await rm(path, { force: true });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(path);
    const end = (answered: boolean) => {
      probe.destroy();
      resolve(answered);
    };
    probe.once("connect", () => end(true));
    probe.once("error", () => end(false));
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(new SocketTaken(`cannot listen at ${path}: ${cause.message}`, { cause })));
    server.listen(path, resolve);
  });
}
