// A Bluetooth controller of the project's own, and not google/bumble's: it runs in the machine with Node alone and on the
// machine's counted clock, and the batteries behind it are the simulator's objects in the same process. A fault can thus
// act between two packets of a link, and every answer is logged as it is sent.
import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseAddress } from "../../../../common/model/address.ts";
import { systemClock } from "../../../../common/runtime/clock.ts";
import { FAMILIES, usualDevices } from "../../../../simulator/registry.ts";
import { createSimulator } from "../../../../simulator/simulator.ts";
import { serveControl } from "./control.ts";
import { createController } from "./controller.ts";
import { plugIn, type VirtualAdapter } from "./vhci.ts";

const ADAPTER = "00:BB:EE:00:00:01";

/** Number of devices of each family, as in the simulator's options. */
const counts = Object.fromEntries(FAMILIES.map(({ name }) => [name, { type: "string", default: "0" } as const]));

const { values } = parseArgs({
  options: {
    ...counts,
    seed: { type: "string", default: "lab" },
    /** Folder of answers.jsonl and requests.jsonl, those of the batteries, and hci.log, the commands of the host. */
    logs: { type: "string", default: "." },
    socket: { type: "string", default: "/run/lab.sock" },
    /** Choices about the JBD packs, as in the simulator's --device. */
    board: { type: "string", default: "" },
    /** `ADDRESS=SIXDIGITS`: that device demands pairing. */
    passkey: { type: "string", multiple: true, default: [] },
  },
});

// Synchronous: on the lab's slow processor a write in another thread costs more.
const answers = openSync(join(values.logs, "answers.jsonl"), "a");
const requests = openSync(join(values.logs, "requests.jsonl"), "a");
const hci = openSync(join(values.logs, "hci.log"), "a");
const given = new Map<string, unknown>(Object.entries(values));
const devices = usualDevices(Object.fromEntries(FAMILIES.map(({ name }) => [name, Number(given.get(name))])));
const simulator = createSimulator({
  clock: systemClock,
  seed: values.seed,
  devices: devices.map((device) => (device.kind.startsWith("jbd") ? { ...device, choices: values.board } : device)),
  onAnswer: (record) => void writeSync(answers, `${JSON.stringify(record)}\n`),
  onRequest: (record) => void writeSync(requests, `${JSON.stringify(record)}\n`),
});
let adapter: VirtualAdapter | undefined;
const controller = createController({
  address: ADAPTER,
  peripherals: simulator.devices,
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
// A process killed outright would leave an adapter in the kernel that answers nothing.
process.once("SIGTERM", async () => {
  await plug.unplug();
  process.exit(0);
});
plug.plugIn();
await serveControl(values.socket, simulator, plug);
