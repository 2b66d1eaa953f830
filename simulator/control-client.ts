import { createConnection, type Socket } from "node:net";
import { lineReader, parseLine } from "../agent/radio/simulated/json-lines.ts";
import { MAX_LINE_BYTES } from "../agent/radio/simulated/protocol.ts";
import {
  CONTROL_EVENTS,
  type ControlEvent,
  type ControlRequest,
  type DeviceMemory,
  type DeviceStatus,
} from "./control-protocol.ts";
import { LINK_LOST } from "./peripheral.ts";

/** Controls a running simulator. A device is named by its address, or by `all`. */
export interface SimulatorClient {
  /** Adds a fault to devices: `delay:ms=500,times=2`. @throws {SimulatorError} */
  set(device: string, fault: string): Promise<void>;
  /** Removes the faults of this name, or all. @throws {SimulatorError} */
  clear(device: string, fault?: string): Promise<void>;
  /** Ends the links of devices with an HCI reason; 0x08 is a lost link. @throws {SimulatorError} */
  drop(device: string, reason?: number): Promise<void>;
  /** Raises or ends a protection, named as its quantity. @throws {SimulatorError} */
  alarm(device: string, protection: string, on: boolean): Promise<void>;
  /** Takes the power of devices away and gives it back. @throws {SimulatorError} */
  cutPower(device: string): Promise<void>;
  /** Parameters of devices that have some. @throws {SimulatorError} */
  memory(device: string): Promise<readonly DeviceMemory[]>;
  status(): Promise<readonly DeviceStatus[]>;
  close(): void;
}

/** The simulator refused a command or is not running; the message gives the reason. */
export class SimulatorError extends Error {
  override readonly name = "SimulatorError";
}

/** @throws {SimulatorError} where no simulator listens at the socket */
export async function connectSimulator(path: string): Promise<SimulatorClient> {
  const waiting: { resolve(event: ControlEvent): void; reject(error: Error): void }[] = [];
  const socket = await open(path);
  const read = lineReader(MAX_LINE_BYTES, (line) => waiting.shift()?.resolve(parseLine(line, "event", CONTROL_EVENTS)));
  socket.on("data", (chunk) => {
    try {
      read(chunk);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : undefined);
    }
  });
  socket.on("error", () => {});
  socket.once("close", () => {
    for (const { reject } of waiting) reject(new SimulatorError(`the simulator at ${path} has ended`));
  });

  async function send(request: ControlRequest): Promise<ControlEvent> {
    if (socket.destroyed) throw new SimulatorError(`the simulator at ${path} has ended`);
    const answer = new Promise<ControlEvent>((resolve, reject) => waiting.push({ resolve, reject }));
    socket.write(`${JSON.stringify(request)}\n`);
    const event = await answer;
    if (event.event === "refused") throw new SimulatorError(event.reason);
    return event;
  }

  return {
    async set(device, fault) {
      await send({ op: "set", device, fault });
    },
    async clear(device, fault) {
      await send({ op: "clear", device, fault });
    },
    async drop(device, reason = LINK_LOST) {
      await send({ op: "drop", device, reason });
    },
    async alarm(device, protection, on) {
      await send({ op: "alarm", device, protection, on });
    },
    async cutPower(device) {
      await send({ op: "cut-power", device });
    },
    async memory(device) {
      const event = await send({ op: "memory", device });
      return event.event === "memory" ? event.devices : [];
    },
    async status() {
      const event = await send({ op: "status" });
      return event.event === "status" ? event.devices : [];
    },
    close: () => socket.destroy(),
  };
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", (cause) => reject(new SimulatorError(`no simulator listens at ${path}`, { cause })));
  });
}
