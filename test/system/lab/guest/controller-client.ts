import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { RequestRecord } from "../../../../simulator/device.ts";
import type { Counts } from "../../../../simulator/registry.ts";
import type { Answer } from "../../../integration/system.ts";
import { until } from "../../../support/until.ts";
import type { ControlAnswer, DeviceState } from "../controller/control.ts";
import { type RunningProcess, startProcess } from "./processes.ts";
import { adapters } from "./stack.ts";

const PROGRAM = "/opt/bms/lab/controller.js";
const SOCKET = "/run/lab.sock";

/** The virtual controller and the batteries behind it. */
export interface VirtualController {
  /** `set DEVICE FAULT`, `drop DEVICE REASON`, … @throws {Error} where it refuses */
  command(...words: readonly string[]): Promise<readonly DeviceState[]>;
  /** Answers of the batteries so far, oldest first. */
  answers(): readonly Answer[];
  /** Requests to the batteries so far, oldest first. */
  requests(): readonly RequestRecord[];
  /** HCI commands of the host so far; each line begins with seconds since the epoch. */
  hciLog(): readonly string[];
  /** Adds the adapter to the kernel. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface ControllerOptions {
  readonly batteries: Counts;
  readonly logs: string;
  /** Address → six digits of a device that demands pairing. */
  readonly passkeys?: Readonly<Record<string, string>>;
  /** Choices about the JBD packs, as in the simulator's --device. */
  readonly board?: string;
}

export function createVirtualController(options: ControllerOptions): VirtualController {
  const { batteries, logs, passkeys = {}, board = "" } = options;
  const counts = Object.entries(batteries).flatMap(([family, count]) => [`--${family}`, String(count)]);
  const keys = Object.entries(passkeys).flatMap(([address, digits]) => ["--passkey", `${address}=${digits}`]);
  const linesOf = (name: string) => readFileSync(join(logs, name), "utf8").split("\n").slice(0, -1);
  let controller: RunningProcess | undefined;
  return {
    async start() {
      const user = { uid: 0, gid: 0 };
      controller = startProcess({
        name: "controller",
        command: ["node", PROGRAM, ...counts, "--logs", logs, "--socket", SOCKET, "--board", board, ...keys],
        logs,
        user,
      });
      await until("the virtual adapter", () => adapters().length > 0, 20_000);
    },
    command: (...words) => sendCommand(words.join(" ")),
    answers: () => linesOf("answers.jsonl").map((line) => JSON.parse(line) as Answer),
    requests: () => linesOf("requests.jsonl").map((line) => JSON.parse(line) as RequestRecord),
    hciLog: () => linesOf("hci.log"),
    async stop() {
      await controller?.stop("SIGTERM");
      await until("the end of the virtual adapter", () => adapters().length === 0, 10_000);
    },
  };
}

/** Sends one command to the running controller. @throws {Error} where it refuses */
export async function sendCommand(line: string): Promise<readonly DeviceState[]> {
  const socket = connect(SOCKET);
  socket.write(`${line}\n`);
  const [reply] = (await once(createInterface({ input: socket }), "line")) as [string];
  socket.destroy();
  const answer = JSON.parse(reply) as ControlAnswer;
  if ("refused" in answer) throw new Error(`the controller refused "${line}": ${answer.refused}`);
  return answer.devices ?? [];
}
