import { chmodSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Memory } from "../../../../simulator/battery.ts";
import type { Simulator } from "../../../../simulator/simulator.ts";

/** Adds the adapter to the kernel and removes it. */
export interface Plug {
  plugIn(): void;
  unplug(): Promise<void>;
}

type Words = readonly string[];

/** One reply: a JSON object on one line. */
export type ControlAnswer =
  | { readonly done: true; readonly devices?: readonly DeviceState[] }
  | { readonly refused: string };

export interface DeviceState {
  readonly address: string;
  readonly isConnected: boolean;
  readonly faults: readonly string[];
  /** Parameters of a JBD pack. */
  readonly memory?: Memory;
}

/**
 * Serves a unix socket on which each line is a command:
 *
 *     set DEVICE FAULT       adds a fault to a device (an address, or `all`)
 *     clear DEVICE [FAULT]   removes that fault, or all
 *     drop DEVICE REASON     ends its link with an HCI reason in hexadecimal
 *     status                 lists each device, whether it is connected, its faults and its parameters
 *     unplug, plug           removes or adds the adapter
 */
export async function serveControl(path: string, simulator: Simulator, plug: Plug): Promise<void> {
  const commands = new Map<string, (words: Words) => Promise<readonly DeviceState[] | undefined>>([
    ["set", async ([device = "", fault = ""]) => void simulator.set(device, fault)],
    ["clear", async ([device = "", fault]) => void simulator.clear(device, fault)],
    ["drop", async ([device = "", reason = ""]) => void simulator.drop(device, Number.parseInt(reason, 16))],
    ["unplug", async () => void (await plug.unplug())],
    ["plug", async () => void plug.plugIn()],
    [
      "status",
      async () =>
        simulator.devices.map((device) => {
          const memory = device.battery.memory?.();
          return {
            address: device.address,
            isConnected: device.isConnected(),
            faults: device.layers().map(({ spec }) => spec),
            ...(memory && { memory }),
          };
        }),
    ],
  ]);
  const execute = async (line: string): Promise<ControlAnswer> => {
    const [word = "", ...words] = line.trim().split(/\s+/);
    const command = commands.get(word);
    if (!command) return { refused: `no command ${word}: there are ${[...commands.keys()].join(", ")}` };
    try {
      const devices = await command(words);
      return devices ? { done: true, devices } : { done: true };
    } catch (error) {
      return { refused: error instanceof Error ? error.message : String(error) };
    }
  };
  rmSync(path, { force: true });
  const serve = (socket: Socket) => {
    socket.on("error", () => {});
    createInterface({ input: socket }).on("line", async (line) => {
      const answer = await execute(line);
      socket.write(`${JSON.stringify(answer)}\n`);
    });
  };
  await new Promise<void>((resolve) => createServer(serve).listen(path, resolve));
  chmodSync(path, 0o600);
}
