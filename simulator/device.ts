import type { Advertisement } from "../agent/radio/radio.ts";
import type { Address } from "../common/model/address.ts";
import type { Sample } from "../common/model/reading.ts";
import type { Clock } from "../common/runtime/clock.ts";
import type { Battery, Broadcast } from "./battery.ts";
import { createDeviceLink, type DeviceLink } from "./device-link.ts";
import type { FaultLayer } from "./fault-layer.ts";
import { ConnectRefused, NOT_ESTABLISHED, type Peripheral } from "./peripheral.ts";

/** A simulated battery with its fault layers. */
export interface Device extends Peripheral {
  readonly battery: Battery;
  /** Newest first. */
  layers(): readonly FaultLayer[];
  isConnected(): boolean;
  /** Adds a layer outside all others. */
  add(layer: FaultLayer): void;
  remove(layer: FaultLayer): void;
  /** Ends the link, if there is one, with an HCI reason. */
  drop(reason: number): void;
}

/** An answer of a battery, as it stands in the log. */
export interface AnswerRecord {
  /** Time when its last byte was sent, ms since the Unix epoch. */
  readonly at: number;
  readonly device: Address;
  readonly register: string;
  /** From the request to the last byte, ms. */
  readonly took: number;
  /** Values that a correct reader has decoded; empty where there are none, or where a fault spoiled the answer. */
  readonly sample: Sample;
  /** Fault that spoiled it. */
  readonly fault?: string;
}

/** A request of a central as it was on the air, whether or not it reached the battery. */
export interface RequestRecord {
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly device: Address;
  readonly register: string;
  /** Hexadecimal digits; empty where a characteristic is read. */
  readonly bytes: string;
}

export interface DeviceDeps {
  readonly clock: Clock;
  readonly random: () => number;
  onAnswer(answer: AnswerRecord): void;
  onRequest?(request: RequestRecord): void;
}

export function createDevice(battery: Battery, deps: DeviceDeps): Device {
  const { clock, random, onAnswer, onRequest } = deps;
  let layers: readonly FaultLayer[] = [];
  let link: DeviceLink | undefined;
  let advertised: Broadcast["manufacturerData"] = new Map();

  function advertisement(): Advertisement | undefined {
    const values = battery.broadcast?.();
    const { manufacturerData } = values ?? battery;
    const own = link ? undefined : { ...identity(battery, Math.round((random() - 0.5) * 6)), manufacturerData };
    const sent = layers.reduceRight<Advertisement | undefined>(
      (inner, layer) => (layer.advertise ? layer.advertise(inner) : inner),
      own,
    );
    if (values && sent && !isEqual(sent.manufacturerData, advertised)) record(values, sent.manufacturerData);
    return sent;
  }

  /** Logs the values that the device has begun to advertise; spoiled where a layer has changed them. */
  function record({ register, sample, manufacturerData }: Broadcast, sent: Broadcast["manufacturerData"]): void {
    advertised = sent;
    const isIntact = isEqual(manufacturerData, sent);
    onAnswer({
      at: Math.round(clock.now()),
      device: battery.address,
      register,
      took: 0,
      sample: isIntact ? sample : {},
      ...(!isIntact && { fault: "changed advertisement" }),
    });
  }

  return {
    address: battery.address,
    addressType: battery.addressType,
    services: battery.services,
    mtu: battery.mtu,
    ...(battery.preferredParameters && { preferredParameters: battery.preferredParameters }),
    battery,
    layers: () => layers,
    isConnected: () => link !== undefined,
    advertisement,
    connect(central) {
      if (link) throw new ConnectRefused(NOT_ESTABLISHED);
      for (const layer of layers) layer.onConnect?.();
      const fresh = createDeviceLink(central, {
        battery,
        clock,
        random,
        layers: () => layers,
        onIssued: ({ register, bytes }) =>
          onRequest?.({
            at: Math.round(clock.now()),
            device: battery.address,
            register,
            bytes: Buffer.from(bytes).toString("hex"),
          }),
        onAnswered: (request, { sample }, spoiledBy) =>
          onAnswer({
            at: Math.round(clock.now()),
            device: battery.address,
            register: request.register,
            took: Math.round(clock.monotonic() - request.issuedAt),
            sample: spoiledBy === undefined ? sample : {},
            ...(spoiledBy !== undefined && { fault: spoiledBy }),
          }),
        onEnd: () => {
          if (link !== fresh) return;
          link = undefined;
          battery.linkEnded?.();
        },
      });
      link = fresh;
      for (const layer of layers) fresh.add(layer);
      return fresh;
    },
    add(layer) {
      layers = [layer, ...layers];
      link?.add(layer);
    },
    remove(layer) {
      layers = layers.filter((other) => other !== layer);
      link?.remove(layer);
    },
    drop: (reason) => link?.disconnect(reason),
  };
}

function identity(battery: Battery, jitter: number) {
  const { address, addressType, name, advertisedServices: services } = battery;
  return { address, addressType, name, rssi: battery.rssi + jitter, services };
}

function isEqual(a: Broadcast["manufacturerData"], b: Broadcast["manufacturerData"]): boolean {
  return (
    a.size === b.size &&
    [...a].every(([company, payload]) => {
      const other = b.get(company);
      return other !== undefined && Buffer.from(payload).equals(other);
    })
  );
}
