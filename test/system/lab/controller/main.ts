import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseAddress } from "../../../../common/model/address.ts";
import { systemClock } from "../../../../common/runtime/clock.ts";
import { createSimulator, usualDevices } from "../../../../simulator/simulator.ts";
import { serveControl } from "./control.ts";
import { createController } from "./controller.ts";
import { plugIn, type VirtualAdapter } from "./vhci.ts";

const ADAPTER = "00:BB:EE:00:00:01";

const { values } = parseArgs({
  options: {
    jbd: { type: "string", default: "1" },
    thornwave: { type: "string", default: "0" },
    seed: { type: "string", default: "lab" },
    /** Gets answers.jsonl, what the batteries said, and hci.log, what the host asked of the controller. */
    logs: { type: "string", default: "." },
    socket: { type: "string", default: "/run/lab.sock" },
    /** `ADDRESS=SIXDIGITS`: that device demands pairing. */
    passkey: { type: "string", multiple: true, default: [] },
  },
});

// Written at once: the lab's processor is slow, and a write that is handed to a thread costs it more.
const answers = openSync(join(values.logs, "answers.jsonl"), "a");
const hci = openSync(join(values.logs, "hci.log"), "a");
const air = createSimulator({
  clock: systemClock,
  seed: values.seed,
  devices: usualDevices(Number(values.jbd), Number(values.thornwave)),
  onAnswer: (record) => void writeSync(answers, `${JSON.stringify(record)}\n`),
});
let adapter: VirtualAdapter | undefined;
const controller = createController({
  address: ADAPTER,
  peripherals: air.devices,
  passkeys: new Map(values.passkey.map(parsePasskey)),
  clock: systemClock,
  random: Math.random,
  send: (packet) => adapter?.send(packet),
  log: (line) => void writeSync(hci, `${(Date.now() / 1000).toFixed(3)} ${line}\n`),
});

function parsePasskey(text: string): [string, number] {
  const [address = "", digits = ""] = text.split("=");
  return [parseAddress(address) ?? "", Number(digits)];
}

const plug = {
  plugIn() {
    adapter ??= plugIn((packet) => controller.receive(packet));
  },
  async unplug() {
    const unplugged = adapter;
    adapter = undefined;
    await unplugged?.close();
    controller.reset();
  },
};
// Killed outright it would leave the adapter in the kernel, with nobody behind it.
process.once("SIGTERM", async () => {
  await plug.unplug();
  process.exit(0);
});
plug.plugIn();
await serveControl(values.socket, air, plug);
