import type { Advertisement } from "../agent/radio/radio.ts";
import type { Address } from "../common/model/address.ts";
import type { Sample } from "../common/model/reading.ts";
import type { Clock } from "../common/runtime/clock.ts";
import type { Battery } from "./battery.ts";
import { createDeviceLink, type DeviceLink } from "./device-link.ts";
import type { Behaviour } from "./fault-layer.ts";
import { ConnectRefused, NOT_ESTABLISHED, type Peripheral } from "./peripheral.ts";

/** A battery on the air, with whatever stands around it. */
export interface Device extends Peripheral {
  readonly battery: Battery;
  /** The newest first. */
  behaviours(): readonly Behaviour[];
  isHeld(): boolean;
  /** Puts a behaviour around all others. */
  surround(behaviour: Behaviour): void;
  /** Takes a behaviour away. */
  free(behaviour: Behaviour): void;
  /** Ends the link, where there is one, with an HCI reason. */
  drop(reason: number): void;
}

/** An answer that has left a battery. */
export interface Departure {
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

export interface DeviceSurroundings {
  readonly clock: Clock;
  readonly random: () => number;
  onDeparture(departure: Departure): void;
}

export function createDevice(battery: Battery, surroundings: DeviceSurroundings): Device {
  const { clock, random, onDeparture } = surroundings;
  let behaviours: readonly Behaviour[] = [];
  let link: DeviceLink | undefined;

  function advertisement(): Advertisement | undefined {
    const own = link ? undefined : broadcast(battery, Math.round((random() - 0.5) * 6));
    return behaviours.reduceRight<Advertisement | undefined>(
      (heard, behaviour) => (behaviour.advertise ? behaviour.advertise(heard) : heard),
      own,
    );
  }

  return {
    address: battery.address,
    addressType: battery.addressType,
    services: battery.services,
    mtu: battery.mtu,
    ...(battery.wishes && { wishes: battery.wishes }),
    battery,
    behaviours: () => behaviours,
    isHeld: () => link !== undefined,
    advertisement,
    connect(central) {
      if (link) throw new ConnectRefused(NOT_ESTABLISHED);
      for (const behaviour of behaviours) behaviour.admit?.();
      const fresh = createDeviceLink(central, {
        battery,
        clock,
        random,
        behaviours: () => behaviours,
        onHandedOut: (call, { sample }, spoiledBy) =>
          onDeparture({
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
      for (const behaviour of behaviours) fresh.admit(behaviour);
      return fresh;
    },
    surround(behaviour) {
      behaviours = [behaviour, ...behaviours];
      link?.admit(behaviour);
    },
    free(behaviour) {
      behaviours = behaviours.filter((other) => other !== behaviour);
      link?.dismiss(behaviour);
    },
    drop: (reason) => link?.hangUp(reason),
  };
}

function broadcast(battery: Battery, jitter: number): Advertisement {
  const { address, addressType, name, manufacturerData, advertisedServices: services } = battery;
  return { address, addressType, name, rssi: battery.rssi + jitter, services, manufacturerData };
}
