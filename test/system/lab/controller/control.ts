import { chmodSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Simulator } from "../../../../simulator/simulator.ts";

/** Adds the adapter to the kernel and removes it. */
export interface Plug {
  plugIn(): void;
  unplug(): Promise<void>;
}

type Words = readonly string[];

/** What a control answers: one JSON object a line. */
export type ControlAnswer =
  | { readonly done: true; readonly devices?: readonly DeviceState[] }
  | { readonly refused: string };

export interface DeviceState {
  readonly address: string;
  readonly isConnected: boolean;
  readonly faults: readonly string[];
}

/**
 * Serves a unix socket on which each line is a command in words, for programs and for people:
 *
 *     set DEVICE FAULT       puts a fault around a device (an address, or `all`)
 *     clear DEVICE [FAULT]   takes that fault away, or all
 *     drop DEVICE REASON     ends its link with an HCI reason in hexadecimal
 *     status                 each device, whether it is held, and its faults
 *     unplug, plug           the adapter
 */
export async function serveControl(path: string, air: Simulator, plug: Plug): Promise<void> {
  const commands = new Map<string, (words: Words) => Promise<readonly DeviceState[] | undefined>>([
    ["set", async ([device = "", fault = ""]) => void air.set(device, fault)],
    ["clear", async ([device = "", fault]) => void air.clear(device, fault)],
    ["drop", async ([device = "", reason = ""]) => void air.drop(device, Number.parseInt(reason, 16))],
    ["unplug", async () => void (await plug.unplug())],
    ["plug", async () => void plug.plugIn()],
    [
      "status",
      async () =>
        air.devices.map((device) => ({
          address: device.address,
          isConnected: device.isConnected(),
          faults: device.layers().map(({ spec }) => spec),
        })),
    ],
  ]);
  const obey = async (line: string): Promise<ControlAnswer> => {
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
      const answer = await obey(line);
      socket.write(`${JSON.stringify(answer)}\n`);
    });
  };
  await new Promise<void>((resolve) => createServer(serve).listen(path, resolve));
  chmodSync(path, 0o600);
}
