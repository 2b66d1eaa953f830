import type { SimulatorEvent, SimulatorRequest } from "../agent/radio/simulated/protocol.ts";
import type { Address } from "../common/model/address.ts";
import type { Clock } from "../common/runtime/clock.ts";
import type { Device } from "./device.ts";
import { AttError, ConnectRefused, ENDED_BY_CENTRAL, LinkEnded, type PeripheralLink } from "./peripheral.ts";
import type { Simulator } from "./simulator.ts";

/** Between two advertisements, in ms. */
const ADVERTISING_MS = 100;

/** One visitor's adapter: scans, and the links that it holds. */
export interface ClientAdapter {
  hear(request: SimulatorRequest): Promise<void>;
  /** The visitor has gone: all links end. */
  close(): void;
}

export function createClientAdapter(
  simulator: Simulator,
  clock: Clock,
  tell: (event: SimulatorEvent) => void,
): ClientAdapter {
  const gone = new AbortController();
  const links = new Map<Address, PeripheralLink>();
  const wanted = new Set<Address>();
  let isScanning = false;
  let isTicking = false;

  /** Advertisements come while anybody waits for one, the first at once. */
  function wait(): void {
    if (isTicking) return;
    isTicking = true;
    tick();
  }

  function tick(): void {
    if (isScanning) for (const device of simulator.devices) announce(device);
    takeWanted();
    isTicking = isScanning || wanted.size > 0;
    if (isTicking) clock.sleep(ADVERTISING_MS, gone.signal).then(tick, () => {});
  }

  function takeWanted(): void {
    for (const address of wanted) {
      const device = simulator.at(address);
      if (device?.advertisement()) take(device);
    }
  }

  function announce(device: Device): void {
    const heard = device.advertisement();
    if (!heard) return;
    const { address, addressType, name, services, manufacturerData } = heard;
    const manufacturer = [...manufacturerData].map(([company, payload]) => ({ company, hex: hexOf(payload) }));
    tell({ event: "advertised", address, addressType, name, rssi: heard.rssi ?? -127, services, manufacturer });
  }

  function take(device: Device): void {
    const { address } = device;
    wanted.delete(address);
    try {
      const link = device.connect({
        notified: (characteristic, piece) => tell({ event: "notified", address, characteristic, hex: hexOf(piece) }),
        disconnected: (reason) => {
          links.delete(address);
          tell({ event: "disconnected", address, reason });
        },
      });
      links.set(address, link);
      tell({ event: "connected", address, mtu: device.mtu });
    } catch (error) {
      if (!(error instanceof ConnectRefused)) throw error;
      tell({ event: "failed", op: "connect", address, characteristic: "", code: error.reason });
    }
  }

  /** Runs a step on a link and tells its outcome, or what the device said against it. A lost link answers nothing. */
  async function attempt(
    request: Extract<SimulatorRequest, { characteristic: string }>,
    step: (link: PeripheralLink) => Promise<SimulatorEvent> | SimulatorEvent,
  ): Promise<void> {
    const { op, address, characteristic } = request;
    const link = links.get(address);
    if (!link) return;
    let outcome: SimulatorEvent;
    try {
      outcome = await step(link);
    } catch (error) {
      if (error instanceof LinkEnded) return;
      if (!(error instanceof AttError)) throw error;
      outcome = { event: "failed", op, address, characteristic, code: error.code };
    }
    if (links.get(address) === link) tell(outcome);
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
        // Nobody answers a write command, not even with an error.
        if (acknowledged) throw error;
      }
      return { event: "written", address, characteristic };
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
    if (services) tell({ event: "discovered", address, services });
  }

  function disconnect({ address }: Extract<SimulatorRequest, { op: "disconnect" }>): void {
    links.get(address)?.close();
    links.delete(address);
    tell({ event: "disconnected", address, reason: ENDED_BY_CENTRAL });
  }

  return {
    async hear(request) {
      switch (request.op) {
        case "scan":
          isScanning = request.on;
          return wait();
        case "connect":
          wanted.add(request.address);
          takeWanted();
          return wait();
        case "cancel":
          wanted.delete(request.address);
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
      wanted.clear();
    },
  };
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
