// An agent as one would write it first: noble, msgpackr, zeromq and commander with their defaults, and one map a message.
import { EventEmitter } from "node:events";
import withBindings from "@abandonware/noble/with-bindings.js";
import { Command } from "commander";
import { pack } from "msgpackr";
import { Push } from "zeromq";

const { endpoint, interval, address, away } = new Command()
  .requiredOption("--endpoint <url>")
  .requiredOption("--address <mac>")
  .requiredOption("--interval <seconds>")
  .option("--away")
  .parse()
  .opts<{ endpoint: string; interval: string; address: string; away?: boolean }>();
const answers = JSON.parse(process.env.ANSWERS ?? "{}") as Record<string, [number, ...string[]]>;

/** A link within this process: a battery that answers as scripted. */
const link = new EventEmitter();
const later = (...event: [string, ...unknown[]]) => void setImmediate(() => link.emit(...event));
const bindings = Object.assign(link, {
  init: () => later("stateChange", "poweredOn"),
  startScanning() {
    later("scanStart", false);
    if (!away) later("discover", address, address, "public", true, { localName: "JBD" }, -60);
  },
  stopScanning: () => later("scanStop"),
  connect: (id: string) => later("connect", id, null),
  discoverServices: (id: string) => later("servicesDiscover", id, ["ff00"]),
  discoverCharacteristics: (id: string, service: string) =>
    later("characteristicsDiscover", id, service, [
      { uuid: "ff01", properties: ["notify"] },
      { uuid: "ff02", properties: ["write"] },
    ]),
  notify: (...to: [string, string, string, boolean]) => later("notify", ...to),
  write(id: string, service: string, characteristic: string, data: Buffer) {
    later("write", id, service, characteristic);
    const [latency = 0, ...pieces] = answers[data.toString("hex")] ?? [];
    setTimeout(() => {
      for (const piece of pieces) link.emit("read", id, service, "ff01", Buffer.from(piece, "hex"), true);
    }, latency);
  },
});

const socket = new Push();
socket.connect(endpoint);
const noble = withBindings(bindings);
noble.on("stateChange", () => noble.startScanning([], false));
noble.on("discover", async (peripheral) => {
  noble.stopScanning();
  await peripheral.connectAsync();
  const found = await peripheral.discoverAllServicesAndCharacteristicsAsync();
  const [notify, write] = found.characteristics;
  let received = Buffer.alloc(0);
  let onFrame = (_frame: Buffer) => {};
  notify.on("data", (piece: Buffer) => {
    received = Buffer.concat([received, piece]);
    if (received.length >= 7 && received.length >= 7 + (received[3] ?? 0)) onFrame(received);
  });
  await notify.subscribeAsync();
  const ask = (request: string) =>
    new Promise<Buffer>((resolve) => {
      received = Buffer.alloc(0);
      onFrame = resolve;
      write.write(Buffer.from(request, "hex"), true);
    });
  async function poll() {
    const [info, cells] = [await ask("dda50300fffd77"), await ask("dda50400fffc77")];
    const reading: Record<string, string | number> = { meter: "naive", at: Date.now() };
    for (let at = 4; at + 1 < info.length - 3; at += 2) reading[`value${at}`] = info.readUInt16BE(at) / 100;
    for (let at = 4; at + 1 < cells.length - 3; at += 2) reading[`cell${at}`] = cells.readUInt16BE(at);
    await socket.send(pack(reading));
  }
  void poll();
  setInterval(poll, Number(interval) * 1000);
});
void noble.state;
// A real adapter's socket keeps the process alive.
setInterval(() => {}, 2 ** 31 - 1);
