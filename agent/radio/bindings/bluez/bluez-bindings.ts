import { EventEmitter } from "node:events";
import type { Log } from "../../../../common/log.ts";
import { normaliseUuid, RadioError, type RadioFault } from "../../radio.ts";
import type { Bindings, OperationFailure } from "../bindings.ts";
import { readKernel } from "../kernel.ts";
import { addressOf, nobleId } from "../noble-names.ts";
import { followAdapter } from "./adapter-state.ts";
import { type AdapterUse, adapterUseOf, KEEP_TIMES, type KeepTimes } from "./adapter-use.ts";
import { advertisementOf } from "./advertisement.ts";
import { systemBusAddress } from "./bus.ts";
import { CONNECT_TIMES, type ConnectTimes } from "./connecting.ts";
import { followDaemon } from "./daemon.ts";
import { createDiscovery, type DiscoveryTimes } from "./discovery.ts";
import { operationFault } from "./faults.ts";
import type { Gatt } from "./gatt.ts";
import { type BluezLink, Cancelled, createLinks } from "./links.ts";
import { createMirror } from "./mirror.ts";
import { type AdapterObject, devicePath, type Path } from "./objects.ts";
import { createPairing, type Pairing, passkeyIn } from "./pairing.ts";
import { createScanning, ScanStopped } from "./scanning.ts";

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

/** noble's names of one characteristic. */
type Place = readonly [id: string, service: string, characteristic: string];

/**
 * Bindings that ask bluetoothd over D-Bus, so that processes on one adapter cannot hurt each other. They take turns for
 * scanning and connecting (common/turn.ts).
 */
export function bluezBindings(options: BluezOptions): Bindings {
  const { log, busAddress = systemBusAddress() } = options;
  const times = { ...TIMES, ...options.times };
  const emitter = new EventEmitter();
  const mirror = createMirror();
  const daemon = followDaemon(busAddress, mirror, log);
  const adapter = followAdapter({ busAddress, wanted: options.adapter, kernel: readKernel }, daemon, mirror, switched);
  const links = createLinks({ daemon, mirror, times }, ({ id }) => emitter.emit("disconnect", id));
  const scanning = createScanning(createDiscovery(busAddress, mirror, log, times), times.afterScanMs);
  /** What notifies, by the characteristic's path. */
  const notifying = new Map<Path, Place>();
  const passkey = passkeyIn(options.pin);
  const pairing = passkey === undefined ? undefined : createPairing(daemon, passkey);
  let use: AdapterUse | undefined;
  let isOn: boolean | undefined;

  mirror.onHeard(announce);
  mirror.onValue((path, value) => {
    const place = notifying.get(path);
    if (place && links.get(place[0])) emitter.emit("read", ...place, Buffer.from(value), true);
  });

  function switched(usable: AdapterObject | undefined) {
    // Another adapter in place of the former: what was begun on that one is over.
    if (isOn) emitter.emit("stateChange", "poweredOff");
    void use?.close();
    use = usable && adapterUseOf(usable.name);
    if (usable) log.debug(`Bluetooth adapter ${usable.name} (${usable.address})`);
    if (usable || !isOn) emitter.emit("stateChange", usable ? "poweredOn" : "poweredOff");
    isOn = usable !== undefined;
    if (!usable) notifying.clear();
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

  /** Runs a step on a link that stands. */
  function step(operation: OperationFailure["operation"], place: Place, work: (gatt: Gatt) => Promise<void>): void {
    const [id, service, characteristic] = place;
    const what = `${addressOf(id)}: ${operation} of ${normaliseUuid(characteristic)}`;
    attempt({ operation, id, service, characteristic }, what, () => work(linkOf(id).gatt));
  }

  /** @throws {RadioError} disconnected */
  function linkOf(id: string): BluezLink {
    const link = links.get(id);
    if (link) return link;
    throw new RadioError("disconnected", `${addressOf(id)}: link lost`);
  }

  function pair(id: string, { pair: begin }: Pairing): void {
    const what = `${addressOf(id)}: pairing by the passkey of --pin`;
    attempt({ operation: "pair", id }, what, async () => {
      await begin(linkOf(id).path);
      emitter.emit("pair", id);
    });
  }

  async function connect(id: string): Promise<void> {
    try {
      const { path, use } = ready();
      const device = devicePath(path, addressOf(id));
      await pairing?.prepare(device);
      const link = await links.connect(id, device, use, times);
      emitter.emit("connect", id, null);
      const mtu = link.gatt.mtu();
      if (mtu) emitter.emit("onMtu", id, mtu);
    } catch (error) {
      if (error instanceof Cancelled) return;
      emitter.emit("connect", id, translate(error, `${addressOf(id)}: connecting`, "connect-failed"));
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
    discoverServices: (id) =>
      setImmediate(() => emitter.emit("servicesDiscover", id, links.get(id)?.gatt.services() ?? [])),
    discoverCharacteristics: (id, service) =>
      setImmediate(() =>
        emitter.emit("characteristicsDiscover", id, service, links.get(id)?.gatt.characteristics(service) ?? []),
      ),
    read: (...place) =>
      step("read", place, async (gatt) => {
        const value = await gatt.read(place[1], place[2]);
        use?.keepAtMost(times.settleMs);
        emitter.emit("read", ...place, value, false);
      }),
    write: (id, service, characteristic, data, withoutResponse) =>
      step("write", [id, service, characteristic], async (gatt) => {
        await gatt.write(service, characteristic, data, withoutResponse);
        emitter.emit("write", id, service, characteristic);
      }),
    notify: (id, service, characteristic, on) =>
      step("notify", [id, service, characteristic], async (gatt) => {
        const path = gatt.find(service, characteristic);
        if (on) notifying.set(path, [id, service, characteristic]);
        else notifying.delete(path);
        await gatt.notify(service, characteristic, on);
        use?.keep(times.settleMs);
        emitter.emit("notify", id, service, characteristic, on);
      }),
    ...(pairing && { pair: (id) => pair(id, pairing) }),
    recall: (id) => adapter.current !== undefined && announce(devicePath(adapter.current.path, addressOf(id))),
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
