import type { Advertisement } from "../agent/radio/radio.ts";
import type { Address } from "../common/model/address.ts";
import type { Sample } from "../common/model/reading.ts";
import type { Clock } from "../common/runtime/clock.ts";
import type { Battery } from "./battery.ts";
import { createDeviceLink, type DeviceLink } from "./device-link.ts";
import type { Layer } from "./fault-layer.ts";
import { ConnectRefused, NOT_ESTABLISHED, type Peripheral } from "./peripheral.ts";

/** A simulated battery, with whatever stands around it. */
export interface Device extends Peripheral {
  readonly battery: Battery;
  /** The newest first. */
  layers(): readonly Layer[];
  isConnected(): boolean;
  /** Puts a layer around all others. */
  add(layer: Layer): void;
  /** Takes a layer away. */
  remove(layer: Layer): void;
  /** Ends the link, where there is one, with an HCI reason. */
  drop(reason: number): void;
}

/** An answer that has left a battery. */
export interface AnswerRecord {
  /** Milliseconds since the Unix epoch when its last byte was handed out. */
  readonly at: number;
  readonly device: Address;
  readonly register: string;
  /** From the request to the last byte, in ms. */
  readonly took: number;
  /** What a right reader has got; empty where there was nothing to get, or where it was spoiled. */
  readonly sample: Sample;
  /** What spoiled it. */
  readonly fault?: string;
}

export interface DeviceDeps {
  readonly clock: Clock;
  readonly random: () => number;
  onAnswer(record: AnswerRecord): void;
}

export function createDevice(battery: Battery, surroundings: DeviceDeps): Device {
  const { clock, random, onAnswer } = surroundings;
  let layers: readonly Layer[] = [];
  let link: DeviceLink | undefined;

  function advertisement(): Advertisement | undefined {
    const own = link ? undefined : broadcast(battery, Math.round((random() - 0.5) * 6));
    return layers.reduceRight<Advertisement | undefined>(
      (heard, layer) => (layer.advertise ? layer.advertise(heard) : heard),
      own,
    );
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
      for (const layer of layers) layer.admit?.();
      const fresh = createDeviceLink(central, {
        battery,
        clock,
        random,
        layers: () => layers,
        onHandedOut: (call, { sample }, spoiledBy) =>
          onAnswer({
            at: Math.round(clock.now()),
            device: battery.address,
            register: call.register,
            took: Math.round(clock.monotonic() - call.askedAt),
            sample: spoiledBy === undefined ? sample : {},
            ...(spoiledBy !== undefined && { fault: spoiledBy }),
          }),
        onEnd: () => {
          if (link === fresh) link = undefined;
        },
      });
      link = fresh;
      for (const layer of layers) fresh.admit(layer);
      return fresh;
    },
    add(layer) {
      layers = [layer, ...layers];
      link?.admit(layer);
    },
    remove(layer) {
      layers = layers.filter((other) => other !== layer);
      link?.dismiss(layer);
    },
    drop: (reason) => link?.hangUp(reason),
  };
}

function broadcast(battery: Battery, jitter: number): Advertisement {
  const { address, addressType, name, manufacturerData, advertisedServices: services } = battery;
  return { address, addressType, name, rssi: battery.rssi + jitter, services, manufacturerData };
}
