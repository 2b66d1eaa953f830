import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { type HciDeps, hciBindings, type NobleBindingsClass } from "../../../../../agent/radio/hci/bindings.ts";
import type { Bindings } from "../../../../../agent/radio/noble/bindings.ts";
import { useName } from "../../../../../agent/radio/sharing/names.ts";
import { abstractLocks } from "../../../../../common/runtime/abstract-locks.ts";

interface FakeHardware {
  /** Thrown where the socket is opened, or bound. */
  readonly opening?: Error;
  readonly binding?: Error;
}

/** As much of noble's bindings as ours reach into, without hardware. */
function fakeNoble({ opening, binding }: FakeHardware = {}): { NobleBindings: NobleBindingsClass; log: string[] } {
  const log: string[] = [];
  class FakeBindings extends EventEmitter {
    readonly _handles: Record<string, number> = { a4c137000001: 64 };
    readonly _hci = { pollIsDevUp: () => {}, _socket: { stop: () => void log.push("stop") } };
    onSigIntBinded: (() => void) | undefined;
    constructor({ deviceId }: { deviceId: number }) {
      super();
      if (opening) throw opening;
      log.push(`open ${deviceId}`);
    }
    onStateChange(state: string): void {
      assert.fail(`noble's own prints on stdout: ${state}`);
    }
    init(): void {
      if (binding) throw binding;
      this.onSigIntBinded = () => {};
      process.on("SIGINT", this.onSigIntBinded);
    }
    disconnect(id: string): void {
      log.push(`disconnect ${id}`);
    }
  }
  return { NobleBindings: FakeBindings as unknown as NobleBindingsClass, log };
}

let adapters = 0;

/** A kernel with one adapter that no other test has, and noble's bindings for it. */
function depsWith(hardware?: FakeHardware): HciDeps & { adapter: string; log: string[] } {
  adapters += 1;
  const adapter = `hci${process.pid}${adapters}`;
  const { NobleBindings, log } = fakeNoble(hardware);
  const kernel = () => ({ adapters: [adapter], isBlocked: () => false, hasOopsed: false });
  return { adapter, log, kernel, load: async () => NobleBindings, locks: abstractLocks };
}

const stateOf = (bindings: Bindings, state: string) =>
  (bindings as unknown as { onStateChange(state: string): void }).onStateChange(state);

test("an adapter is opened by its number, and locked for as long as the bindings live", async () => {
  const here = depsWith();
  const bindings = await hciBindings(here.adapter, here);
  assert.deepEqual(here.log, [`open ${here.adapter.slice(3)}`]);
  await assert.rejects(hciBindings(undefined, here), { fault: "busy", message: /another bms-agent.*--radio bluez/ });
  await bindings.close();
  assert.equal(here.log.at(-1), "stop");
  await (await hciBindings(undefined, here)).close();
});

test("an adapter that agents share through bluetoothd is refused", async () => {
  const here = depsWith();
  const places = [await abstractLocks.shared(useName(here.adapter)), await abstractLocks.shared(useName(here.adapter))];
  await assert.rejects(hciBindings(undefined, here), { fault: "busy", message: /through bluetoothd/ });
  for (const place of places) {
    await assert.rejects(hciBindings(undefined, here), { fault: "busy" });
    await place?.release();
  }
  await (await hciBindings(undefined, here)).close();
});

test("a native part that was not built: the error names the command that builds it", async () => {
  const here = depsWith();
  const load = () => Promise.reject(new Error("Cannot find module '../build/Release/bluetooth_hci_socket.node'"));
  await assert.rejects(hciBindings(undefined, { ...here, load }), {
    fault: "unsupported",
    message: /npm rebuild --ignore-scripts=false @abandonware\/bluetooth-hci-socket/,
  });
  await (await hciBindings(undefined, here)).close();
});

for (const [about, wanted, kernel, message] of [
  ["no Bluetooth in the kernel", undefined, undefined, /modprobe bluetooth/],
  ["no adapter", undefined, [], /plug one in/],
  ["another adapter than the one asked for", "hci7", ["hci0"], /no adapter hci7.*hci0/],
  ["an adapter asked for by its address", "00:11:22:33:44:55", ["hci0"], /choose with --adapter from hci0/],
] as const) {
  test(`adapter missing: ${about}`, async () => {
    const here = { ...depsWith(), kernel: () => ({ adapters: kernel, isBlocked: () => false, hasOopsed: false }) };
    await assert.rejects(hciBindings(wanted, here), { fault: "adapter-missing", message });
  });
}

for (const [text, fault, message] of [
  ["EAFNOSUPPORT, Address family not supported by protocol", "adapter-missing", /modprobe bluetooth/],
  ["EPERM, Operation not permitted", "not-permitted", /CAP_NET_RAW/],
  ["ENODEV, No such device", "adapter-missing", /plug it in/],
  ["EBUSY, Device or resource busy", "adapter-missing", /another program/],
] as const) {
  test(`the kernel's ${text} is translated, at opening and at binding`, async () => {
    const opening = depsWith({ opening: new Error(text) });
    await assert.rejects(hciBindings(undefined, opening), { fault, message });
    const bindings = await hciBindings(undefined, depsWith({ binding: new Error(text) }));
    const changed = once(bindings, "stateChange");
    bindings.init();
    assert.deepEqual(await changed, ["poweredOff"]);
    assert.equal(bindings.fault?.()?.fault, fault);
    await bindings.close();
  });
}

test("the adapter's states are emitted once each, and explained", async () => {
  const here = depsWith();
  const bindings = await hciBindings(undefined, here);
  const emitted: string[] = [];
  bindings.on("stateChange", (state) => emitted.push(state));
  for (const state of ["poweredOn", "poweredOn", "poweredOff", "unauthorized", "unsupported"]) stateOf(bindings, state);
  assert.deepEqual(emitted, ["poweredOn", "poweredOff", "unauthorized", "unsupported"]);
  for (const [state, fault] of [
    ["poweredOn", undefined],
    ["poweredOff", "adapter-off"],
    ["unauthorized", "not-permitted"],
    ["unsupported", "unsupported"],
  ] as const) {
    stateOf(bindings, state);
    assert.equal(bindings.fault?.()?.fault, fault);
  }
  await bindings.close();
});

test("noble does not handle Ctrl-C", async () => {
  const before = process.listenerCount("SIGINT");
  const bindings = await hciBindings(undefined, depsWith());
  bindings.init();
  assert.equal(process.listenerCount("SIGINT"), before);
  await bindings.close();
});

test("disconnecting a device that is not connected is confirmed without a call of noble", async () => {
  const here = depsWith();
  const bindings = await hciBindings(undefined, here);
  bindings.disconnect("a4c137000001");
  assert.equal(here.log.at(-1), "disconnect a4c137000001");
  const emitted = once(bindings, "disconnect");
  bindings.disconnect("a4c137000002");
  assert.deepEqual(await emitted, ["a4c137000002"]);
  assert.equal(here.log.at(-1), "disconnect a4c137000001");
  await bindings.close();
});
