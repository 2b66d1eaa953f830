import type { EventEmitter } from "node:events";
import type { Locks, ProcessLock } from "../../../common/runtime/process-lock.ts";
import { type KernelBluetooth, kernelWithoutBluetooth, noAdapter, readKernel } from "../kernel.ts";
import type { Bindings } from "../noble/bindings.ts";
import { RadioError } from "../radio.ts";
import { adapterLocks } from "../sharing/adapter-locks.ts";
import { useName } from "../sharing/names.ts";

/** noble's own bindings (lib/hci-socket of @abandonware/noble 1.9.2), as far as this file uses their inner parts. */
interface NobleBindings extends EventEmitter, Pick<Bindings, CommonMethod> {
  onStateChange(state: string): void;
  /** Its listener for SIGINT, which ends the process when no other is left. */
  readonly onSigIntBinded?: () => void;
  /** Handles of links by id. */
  readonly _handles: Readonly<Record<string, unknown>>;
  readonly _hci: { pollIsDevUp(): void; readonly _socket: { stop(): void } };
}
export type NobleBindingsClass = new (options: { deviceId: number }) => NobleBindings;

type CommonMethod =
  | "init"
  | "startScanning"
  | "stopScanning"
  | "connect"
  | "cancelConnect"
  | "disconnect"
  | "discoverServices"
  | "discoverCharacteristics"
  | "read"
  | "write"
  | "notify";

export interface HciDeps {
  readonly kernel: () => KernelBluetooth;
  /** @throws {Error} where the native part was not built */
  readonly load: () => Promise<NobleBindingsClass>;
  readonly locks?: Locks;
}

const DEPS: HciDeps = {
  kernel: readKernel,
  async load() {
    const loaded = await import("@abandonware/noble/lib/hci-socket/bindings.js");
    return loaded.default;
  },
};

/**
 * noble's own bindings, on an adapter's raw HCI socket. Every raw socket receives every event of the adapter, and noble
 * takes all of them for its own, so two processes on one adapter break each other's links: the adapter is locked for as
 * long as the bindings live.
 * @throws {RadioError}
 */
export async function hciBindings(wanted: string | undefined, deps: HciDeps = DEPS): Promise<Bindings> {
  const adapter = chooseRawAdapter(wanted, deps.kernel());
  const lock = await lockAdapter(adapter, deps.locks ?? adapterLocks());
  try {
    const NobleBindings = await deps.load().catch((error: unknown) => {
      throw notBuilt(error);
    });
    return wrap(new NobleBindings({ deviceId: Number(adapter.slice(3)) }), adapter, lock, deps.kernel);
  } catch (error) {
    await lock.release();
    throw translate(error, adapter);
  }
}

/** @throws {RadioError} adapter-missing */
function chooseRawAdapter(wanted: string | undefined, { adapters }: KernelBluetooth): string {
  if (!adapters) throw kernelWithoutBluetooth();
  const [first] = [...adapters].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  if (!first) throw noAdapter();
  if (wanted === undefined || adapters.includes(wanted)) return wanted ?? first;
  const message = `raw HCI finds no adapter ${wanted}: choose with --adapter from ${adapters.join(", ")}`;
  throw new RadioError("adapter-missing", message);
}

/** @throws {RadioError} busy, when another agent uses the adapter */
async function lockAdapter(adapter: string, locks: Locks): Promise<ProcessLock> {
  const lock = await locks.exclusive(useName(adapter));
  if (lock) return lock;
  const shared = await locks.shared(useName(adapter));
  await shared?.release();
  const user = shared ? "bms-agents through bluetoothd" : "another bms-agent";
  throw new RadioError(
    "busy",
    `${adapter} is used by ${user}: raw HCI needs an adapter of its own, --radio bluez shares it`,
  );
}

/** Wraps noble's bindings: reports why they fail, silences their output and removes their SIGINT handler. */
function wrap(noble: NobleBindings, adapter: string, lock: ProcessLock, kernel: () => KernelBluetooth): Bindings {
  let state = "unknown";
  let failure: RadioError | undefined;
  const begin = noble.init.bind(noble);
  const disconnect = noble.disconnect.bind(noble);

  const changes = {
    // noble's own method prints on stdout.
    onStateChange(next: string) {
      if (next === state) return;
      state = next;
      noble.emit("stateChange", next);
    },
    init() {
      try {
        begin();
      } catch (error) {
        failure = translate(error, adapter);
        setImmediate(() => noble.emit("stateChange", "poweredOff"));
      }
      if (noble.onSigIntBinded) process.off("SIGINT", noble.onSigIntBinded);
    },
    disconnect(id: string) {
      // For a link that it does not have, noble would send an undefined handle.
      if (noble._handles[id] === undefined) setImmediate(() => noble.emit("disconnect", id));
      else disconnect(id);
    },
    fault: () => failure ?? stateFault(state, adapter, kernel()),
    async close() {
      noble._hci.pollIsDevUp = () => {};
      noble._hci._socket.stop();
      await lock.release();
    },
  };
  return Object.assign(noble, changes);
}

function stateFault(state: string, adapter: string, { adapters = [] }: KernelBluetooth): RadioError | undefined {
  if (state === "poweredOn" || state === "unknown") return undefined;
  if (state === "unauthorized") return notPermitted(adapter);
  if (state === "unsupported")
    return new RadioError("unsupported", `${adapter} has no Bluetooth LE: use another adapter`);
  if (!adapters.includes(adapter)) {
    return new RadioError("adapter-missing", `${adapter} was pulled out: plug it in and restart this agent`);
  }
  return new RadioError("adapter-off", `${adapter} is down: bring it up with: hciconfig ${adapter} up`);
}

function notPermitted(adapter: string, options?: ErrorOptions): RadioError {
  const remedy = "run as root, or give the service AmbientCapabilities=CAP_NET_RAW CAP_NET_ADMIN";
  return new RadioError("not-permitted", `no permission to use ${adapter} raw: ${remedy}`, options);
}

function notBuilt(cause: unknown): RadioError {
  const remedy = "npm rebuild --ignore-scripts=false @abandonware/bluetooth-hci-socket";
  const message = `raw HCI needs a native part that was not built: ${remedy} (it needs a compiler and Python)`;
  return new RadioError("unsupported", message, { cause });
}

/** Translates an error of the native part, whose text names the error of the system call. */
function translate(error: unknown, adapter: string): RadioError {
  if (error instanceof RadioError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  if (/EAFNOSUPPORT|not supported by protocol/i.test(text)) return kernelWithoutBluetooth(options);
  if (/EPERM|EACCES|not permitted|denied/i.test(text)) return notPermitted(adapter, options);
  if (/ENODEV|no such device/i.test(text))
    return new RadioError("adapter-missing", `${adapter} is gone: plug it in`, options);
  return new RadioError(
    "adapter-missing",
    `${adapter} cannot be used raw (${text}): is another program using it?`,
    options,
  );
}
