import type { SimulatorEvent, SimulatorRequest } from "../agent/radio/simulated/protocol.ts";
import type { Address } from "../common/model/address.ts";
import type { Clock } from "../common/runtime/clock.ts";
import type { Device } from "./device.ts";
import { AttError, ConnectRefused, ENDED_BY_CENTRAL, LinkEnded, type PeripheralLink } from "./peripheral.ts";
import type { Simulator } from "./simulator.ts";

/** Time between two advertisements of a device, ms. */
const ADVERTISING_MS = 100;

/** The Bluetooth adapter of one client of the socket: its scan, its connects and its links. */
export interface ClientAdapter {
  handle(request: SimulatorRequest): Promise<void>;
  /** The client has disconnected: all its links end. */
  close(): void;
}

export function createClientAdapter(
  simulator: Simulator,
  clock: Clock,
  send: (event: SimulatorEvent) => void,
): ClientAdapter {
  const gone = new AbortController();
  const links = new Map<Address, PeripheralLink>();
  /** Addresses to connect to at their next advertisement. */
  const pending = new Set<Address>();
  let isScanning = false;
  /** The only device that the scan receives; any where undefined. */
  let soughtDevice: Address | undefined;
  let isTicking = false;

  /** Advertises, the first time at once, while a scan is on or a connect is pending. */
  function advertise(): void {
    if (isTicking) return;
    isTicking = true;
    tick();
  }

  function tick(): void {
    if (isScanning) for (const device of simulator.devices) announce(device);
    connectPending();
    isTicking = isScanning || pending.size > 0;
    if (isTicking) clock.sleep(ADVERTISING_MS, gone.signal).then(tick, () => {});
  }

  function connectPending(): void {
    for (const address of pending) {
      const device = simulator.at(address);
      if (device?.advertisement()) connect(device);
    }
  }

  function announce(device: Device): void {
    const advertisement = device.advertisement();
    if (!advertisement || (soughtDevice && advertisement.address !== soughtDevice)) return;
    const { address, addressType, name, services, manufacturerData } = advertisement;
    const manufacturer = [...manufacturerData].map(([company, payload]) => ({ company, hex: hexOf(payload) }));
    send({ event: "advertised", address, addressType, name, rssi: advertisement.rssi ?? -127, services, manufacturer });
  }

  function connect(device: Device): void {
    const { address } = device;
    pending.delete(address);
    try {
      const link = device.connect({
        notified: (characteristic, piece) => send({ event: "notified", address, characteristic, hex: hexOf(piece) }),
        disconnected: (reason) => {
          links.delete(address);
          send({ event: "disconnected", address, reason });
        },
      });
      links.set(address, link);
      send({ event: "connected", address, mtu: device.mtu });
    } catch (error) {
      if (!(error instanceof ConnectRefused)) throw error;
      send({ event: "failed", op: "connect", address, characteristic: "", code: error.reason });
    }
  }

  /** Runs an operation on a link and sends its result, if it has one, or the ATT error. Nothing is sent for a link that has ended. */
  async function attempt(
    request: Extract<SimulatorRequest, { characteristic: string }>,
    operation: (link: PeripheralLink) => Promise<SimulatorEvent> | SimulatorEvent | undefined,
  ): Promise<void> {
    const { op, address, characteristic } = request;
    const link = links.get(address);
    if (!link) return;
    let outcome: SimulatorEvent | undefined;
    try {
      outcome = await operation(link);
    } catch (error) {
      if (error instanceof LinkEnded) return;
      if (!(error instanceof AttError)) throw error;
      outcome = { event: "failed", op, address, characteristic, code: error.code };
    }
    if (outcome && links.get(address) === link) send(outcome);
  }

  function read(request: Extract<SimulatorRequest, { op: "read" }>): Promise<void> {
    const { address, characteristic } = request;
    return attempt(request, async (link) => ({
      event: "read",
      address,
      characteristic,
      hex: hexOf(await link.read(characteristic)),
    }));
  }

  function write(request: Extract<SimulatorRequest, { op: "write" }>): Promise<void> {
    const { address, characteristic, hex, acknowledged } = request;
    return attempt(request, (link) => {
      try {
        link.write(characteristic, Buffer.from(hex, "hex"));
      } catch (error) {
        // A write command is never answered, not even with an error.
        if (acknowledged) throw error;
      }
      return acknowledged ? { event: "written", address, characteristic } : undefined;
    });
  }

  function subscribe(request: Extract<SimulatorRequest, { op: "subscribe" }>): Promise<void> {
    const { address, characteristic, on } = request;
    return attempt(request, (link) => {
      link.subscribe(characteristic, on);
      return { event: "subscribed", address, characteristic, on };
    });
  }

  function discover({ address }: Extract<SimulatorRequest, { op: "discover" }>): void {
    const services = links.has(address) ? simulator.at(address)?.services : undefined;
    if (services) send({ event: "discovered", address, services });
  }

  function disconnect({ address }: Extract<SimulatorRequest, { op: "disconnect" }>): void {
    links.get(address)?.close();
    links.delete(address);
    send({ event: "disconnected", address, reason: ENDED_BY_CENTRAL });
  }

  return {
    async handle(request) {
      switch (request.op) {
        case "scan":
          isScanning = request.on;
          soughtDevice = request.device;
          return advertise();
        case "connect":
          pending.add(request.address);
          connectPending();
          return advertise();
        case "cancel":
          pending.delete(request.address);
          return;
        case "disconnect":
          return disconnect(request);
        case "discover":
          return discover(request);
        case "read":
          return read(request);
        case "write":
          return write(request);
        case "subscribe":
          return subscribe(request);
      }
    },
    close() {
      gone.abort();
      for (const link of links.values()) link.close();
      links.clear();
      pending.clear();
    },
  };
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
