import { EventEmitter } from "node:events";
import type { Log } from "../../../common/runtime/log.ts";
import { systemBusAddress } from "../dbus/bus.ts";
import { readKernel } from "../kernel.ts";
import type { Bindings, OperationFailure } from "../noble/bindings.ts";
import { addressOf, nobleId } from "../noble/names.ts";
import { type Advertisement, RadioError, type RadioFault } from "../radio.ts";
import { type AdapterUse, adapterUseOf, KEEP_TIMES, type KeepTimes } from "../sharing/adapter-lease.ts";
import { followAdapter } from "./adapter-state.ts";
import { advertisementOf } from "./advertisement.ts";
import { followDaemon } from "./client.ts";
import { CONNECT_TIMES, type ConnectTimes } from "./connect.ts";
import { Cancelled, createLinks } from "./connections.ts";
import { createDiscovery, type DiscoveryTimes } from "./discovery.ts";
import { operationFault } from "./errors.ts";
import { gattBindings } from "./gatt-bindings.ts";
import { createMirror } from "./object-cache.ts";
import { type AdapterObject, devicePath, type Path } from "./objects.ts";
import { createPairing, passkeyIn } from "./pairing.ts";
import { createScanning, ScanStopped } from "./scan.ts";

export interface BluezOptions {
  readonly log: Log;
  /** `hci0`, or an address; any adapter where absent. */
  readonly adapter?: string;
  /** The device's password, which may be the passkey of its link as well. */
  readonly pin?: string;
  /** The system bus where absent. */
  readonly busAddress?: string;
  readonly times?: Partial<BluezTimes>;
}

export interface BluezTimes extends ConnectTimes, KeepTimes, Partial<DiscoveryTimes> {}

const TIMES: BluezTimes = { ...CONNECT_TIMES, ...KEEP_TIMES };

/**
 * Bindings that ask bluetoothd over D-Bus, so that processes on one adapter cannot hurt each other. They take turns for
 * scanning and connecting (agent/radio/sharing/lease.ts).
 */
export function bluezBindings(options: BluezOptions): Bindings {
  const { log, busAddress = systemBusAddress() } = options;
  const times = { ...TIMES, ...options.times };
  const emitter = new EventEmitter();
  const mirror = createMirror();
  const daemon = followDaemon(busAddress, mirror, log);
  const adapter = followAdapter({ busAddress, wanted: options.adapter, kernel: readKernel }, daemon, mirror, switched);
  const passkey = passkeyIn(options.pin);
  const pairing = createPairing(daemon, passkey);
  const links = createLinks(
    { daemon, mirror, times },
    {
      attempting: (path) => pairing.attend(path),
      lost({ id, path }) {
        pairing.leaveLater();
        // Kept for a step on it that cannot come any more.
        use?.keepAtMost(0);
        emitter.emit("disconnect", id, pairing.reasonFor(path));
      },
    },
  );
  const scanning = createScanning(createDiscovery(busAddress, mirror, log, times), times);
  let use: AdapterUse | undefined;
  let isOn: boolean | undefined;

  mirror.onHeard(announce);

  function switched(usable: AdapterObject | undefined) {
    // Another adapter in place of the former: what was begun on that one is over.
    if (isOn) emitter.emit("stateChange", "poweredOff");
    void use?.close();
    use = usable && adapterUseOf(usable.name);
    if (usable) log.debug(`Bluetooth adapter ${usable.name} (${usable.address})`);
    if (usable || !isOn) emitter.emit("stateChange", usable ? "poweredOn" : "poweredOff");
    isOn = usable !== undefined;
  }

  /** @throws {RadioError} where the adapter cannot be used now */
  function ready(): { readonly path: Path; readonly use: AdapterUse } {
    if (adapter.current && use) return { path: adapter.current.path, use };
    throw adapter.fault() ?? new RadioError("adapter-off", "the Bluetooth adapter is not ready: try again in a moment");
  }

  function announce(path: Path) {
    const device = mirror.objects.device(path);
    if (!device || !adapter.current || !path.startsWith(`${adapter.current.path}/`)) return false;
    const { address, addressType, lastRssi = 127 } = device;
    emitter.emit(
      "discover",
      nobleId(address),
      address.toLowerCase(),
      addressType,
      true,
      advertisementOf(device),
      lastRssi,
    );
    return true;
  }

  function advertised(path: Path): Advertisement | undefined {
    const device = mirror.objects.device(path);
    if (!device) return undefined;
    const { address, addressType, name, lastRssi, services, manufacturerData } = device;
    return { address, addressType, name, rssi: lastRssi, services, manufacturerData };
  }

  const translate = (error: unknown, what: string, otherwise: RadioFault) =>
    operationFault(error, { what, adapterFault: adapter.fault(), hasOopsed: readKernel().hasOopsed }, otherwise);

  /** Runs `work`; noble has no word for its failure. */
  function attempt(failure: Omit<OperationFailure, "error">, what: string, work: () => Promise<void>): void {
    const outcome = work().catch((error: unknown) => {
      const otherwise = failure.operation === "scan" ? "timeout" : "unsupported";
      emitter.emit("operationFailed", { ...failure, error: translate(error, what, otherwise) });
    });
    void outcome;
  }

  function pair(id: string): void {
    attempt({ operation: "pair", id }, `${addressOf(id)}: pairing by the passkey of --pin`, async () => {
      const link = links.get(id);
      if (link) await pairing.pair(link.path).finally(pairing.leaveLater);
      emitter.emit("pair", id);
    });
  }

  /** The device has answered on its link: others may have the adapter soon. */
  function settled(isSubscription: boolean): void {
    if (isSubscription) use?.keep(times.settleMs);
    else use?.keepAtMost(times.settleMs);
    void pairing.leave();
  }

  async function connect(id: string): Promise<void> {
    let device: Path | undefined;
    try {
      const { path, use } = ready();
      device = devicePath(path, addressOf(id));
      const link = await links.connect(id, device, use, times);
      emitter.emit("connect", id, null);
      const mtu = link.gatt.mtu();
      if (mtu) emitter.emit("onMtu", id, mtu);
    } catch (error) {
      pairing.leaveLater();
      if (error instanceof Cancelled) return;
      const why = (device && pairing.reasonFor(device)) ?? error;
      emitter.emit("connect", id, translate(why, `${addressOf(id)}: connecting`, "connect-failed"));
    }
  }

  const bindings: BindingMethods = {
    init: () => daemon.start(),
    startScanning: () =>
      attempt({ operation: "scan" }, "scanning", async () => {
        const { path, use } = ready();
        await scanning.start(path, use).catch((error: unknown) => {
          // Whoever stopped it waits for both words.
          if (!(error instanceof ScanStopped)) throw error;
        });
        emitter.emit("scanStart", false);
        // Seen already by somebody's discovery, which goes on.
        for (const device of mirror.objects.devices(path)) if (device.rssi !== undefined) announce(device.path);
      }),
    stopScanning: () => void scanning.stop().then(() => emitter.emit("scanStop")),
    connect: (id) => void connect(id),
    cancelConnect: (id) => links.cancel(id),
    disconnect: (id) =>
      void links.disconnect(id).then((wasLinked) => {
        if (!wasLinked) emitter.emit("disconnect", id);
      }),
    ...gattBindings({ emitter, mirror, links, attempt, settled }),
    ...(passkey !== undefined && { pair }),
    recall: (id) => adapter.current !== undefined && announce(devicePath(adapter.current.path, addressOf(id))),
    advertisement: (id) => adapter.current && advertised(devicePath(adapter.current.path, addressOf(id))),
    fault: () => adapter.fault(),
    async close() {
      await scanning.stop();
      await links.close();
      await use?.close();
      daemon.close();
    },
  };
  return Object.assign(emitter, bindings);
}

type BindingMethods = Omit<Bindings, keyof EventEmitter>;
