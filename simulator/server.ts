import { lstat, rm } from "node:fs/promises";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { LineError, parseLine } from "../agent/radio/simulated/json-lines.ts";
import { lineReader } from "../agent/radio/simulated/line-reader.ts";
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
/** What a visitor may leave unread, in bytes, before it is taken for dead. */
const MAX_UNREAD = 1024 * 1024;

const MAX_SOCKET_PATH = 107;

/** The simulator's socket cannot be had; the message says why and what to do. */
export class SocketTaken extends Error {
  override readonly name = "SocketTaken";
}

export interface SimulatorServer {
  /** Ends every link, closes the socket and removes it. */
  close(): Promise<void>;
}

/** Opens the simulator to visitors at a unix socket. @throws {SocketTaken} */
export async function serveSimulator(simulator: Simulator, path: string, clock: Clock): Promise<SimulatorServer> {
  const visitors = new Set<Socket>();
  const server = createServer((visitor) => {
    visitors.add(visitor);
    visitor.on("error", () => visitor.destroy());
    visitor.once("close", () => visitors.delete(visitor));
    welcome(visitor, simulator, clock);
  });
  await makeRoom(path);
  await listen(server, path);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const visitor of visitors) visitor.destroy();
      }),
  };
}

function welcome(visitor: Socket, simulator: Simulator, clock: Clock): void {
  const tell = (event: SimulatorEvent | ControlEvent) => {
    if (visitor.destroyed) return;
    visitor.write(`${JSON.stringify(event)}\n`);
    if (visitor.writableLength > MAX_UNREAD) visitor.destroy();
  };
  const central = createClientAdapter(simulator, clock, tell);
  const read = lineReader(MAX_LINE_BYTES, (line) => {
    const request = requestIn(line, tell);
    if (!request) return;
    if (isControl(request)) tell(obey(simulator, request));
    else void central.hear(request);
  });
  visitor.on("data", (chunk) => {
    try {
      read(chunk);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      visitor.destroy();
    }
  });
  visitor.once("close", () => central.close());
}

function requestIn(line: string, tell: (event: ControlEvent) => void): SimulatorRequest | ControlRequest | undefined {
  try {
    return parseLine(line, "op", REQUESTS);
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    tell({ event: "refused", why: error.message });
    return undefined;
  }
}

function isControl(request: SimulatorRequest | ControlRequest): request is ControlRequest {
  return Object.hasOwn(CONTROL_REQUESTS, request.op);
}

function obey(simulator: Simulator, request: ControlRequest): ControlEvent {
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
        simulator.alarm(request.device, request.word, request.on);
        break;
      case "status":
        return {
          event: "status",
          devices: simulator.devices.map((device) => ({
            address: device.address,
            name: device.battery.name,
            isConnected: device.isConnected(),
            faults: device.layers().map(({ words }) => words),
          })),
        };
    }
    return { event: "done" };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { event: "refused", why: error.message };
  }
}

/** Removes the socket that a dead simulator has left behind; touches nothing else. @throws {SocketTaken} */
async function makeRoom(path: string): Promise<void> {
  // Node cuts a longer path off and listens at what is left.
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    throw new SocketTaken(`${path} is too long for a socket: at most ${MAX_SOCKET_PATH} bytes`);
  }
  const there = await lstat(path).catch(() => undefined);
  if (!there) return;
  if (!there.isSocket()) throw new SocketTaken(`${path} is no socket: choose another path`);
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
