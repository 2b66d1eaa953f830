import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { PACKET_KIND, splitPackets } from "./hci-packets.ts";

/** An adapter of this kernel whose controller is this process. */
export interface VirtualAdapter {
  /** Sends one packet to the host. It is lost while the adapter is down. */
  send(packet: Buffer): void;
  /** Removes the adapter. */
  close(): Promise<void>;
}

const PRIMARY_CONTROLLER = Buffer.from([PACKET_KIND.vendor, 0x00]);

/**
 * Adds an adapter to the kernel through /dev/vhci. `receive` gets each packet of the host.
 *
 * Node cannot poll such a device: a read would hold a thread until the next packet and keep the adapter open. So `cat`
 * reads from the same open file, and ends with the adapter.
 * @throws {Error} without the right to open /dev/vhci, or without the kernel module
 */
export function plugIn(receive: (packet: Buffer) => void): VirtualAdapter {
  const file = openSync("/dev/vhci", constants.O_RDWR);
  const reader = spawn("cat", [], { stdio: [file, "pipe", "ignore"] });
  const ended = once(reader, "close");
  let pending = Buffer.alloc(0);
  reader.stdout?.on("data", (chunk: Buffer) => {
    const { packets, rest } = splitPackets(Buffer.concat([pending, chunk]));
    pending = Buffer.from(rest);
    for (const packet of packets) receive(packet);
  });
  // The last step: from now on the kernel expects answers, and gives the adapter up after two seconds without one.
  writeSync(file, PRIMARY_CONTROLLER);
  let isOpen = true;
  return {
    send(packet) {
      if (!isOpen) return;
      try {
        writeSync(file, packet);
      } catch (error) {
        // The adapter is down.
        if ((error as NodeJS.ErrnoException).code !== "ENXIO") throw error;
      }
    },
    async close() {
      isOpen = false;
      reader.kill("SIGKILL");
      await ended;
      closeSync(file);
    },
  };
}

function once(child: ChildProcess, event: string): Promise<void> {
  return new Promise((resolve) => child.once(event, () => resolve()));
}
