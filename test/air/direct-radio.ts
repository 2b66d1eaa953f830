import { createNotificationQueue, type NotificationQueue } from "../../agent/radio/notification-queue.ts";
import { type Link, type Radio, RadioError } from "../../agent/radio/radio.ts";
import type { Clock } from "../../common/clock.ts";
import type { Air } from "./air.ts";
import { AttError, INSUFFICIENT_AUTHENTICATION, type PeripheralLink } from "./peripheral.ts";

/**
 * A radio straight to an air in the same process: no socket, no noble, and so no other time than the clock's. With a
 * virtual clock whole sessions with drivers and faults pass in an instant.
 */
export function directRadio(air: Air, clock: Clock): Radio {
  const links = new Set<Link>();
  return {
    async *scan() {
      for (const device of air.devices) {
        const heard = device.advertisement();
        if (heard) yield heard;
      }
    },
    async connect(to, signal) {
      signal.throwIfAborted();
      await clock.sleep(1, signal);
      const device = air.at(to);
      if (!device?.advertisement()) throw new RadioError("not-found", `${to} is not heard`);
      const queues = new Map<string, NotificationQueue>();
      const lost = new AbortController();
      const end = (why: string) => {
        lost.abort(new RadioError("disconnected", `${to}: ${why}`));
        for (const queue of queues.values()) queue.end(lost.signal.reason);
        links.delete(link);
      };
      const central = {
        notified: (uuid: string, piece: Uint8Array) => queues.get(uuid)?.push(piece),
        disconnected: (reason: number) => end(`link lost with reason ${reason}`),
      };
      const peripheral = translated(() => device.connect(central), "connect-failed");
      const link = directLink(device, peripheral, queues, lost.signal, clock, () => {
        peripheral.close();
        end("closed");
      });
      links.add(link);
      return link;
    },
    async close() {
      for (const link of links) await link.close();
    },
  };
}

function directLink(
  device: NonNullable<ReturnType<Air["at"]>>,
  peripheral: PeripheralLink,
  queues: Map<string, NotificationQueue>,
  lost: AbortSignal,
  clock: Clock,
  close: () => void,
): Link {
  return {
    address: device.address,
    addressType: device.addressType,
    services: device.services.map(({ uuid }) => uuid),
    rssi: device.battery.rssi,
    lost,
    async read(uuid) {
      lost.throwIfAborted();
      return peripheral.read(uuid).catch((error) => {
        throw asRadioError(error, "disconnected");
      });
    },
    async write(uuid, bytes, mode) {
      lost.throwIfAborted();
      try {
        peripheral.write(uuid, bytes);
      } catch (error) {
        if (mode === "acknowledged") throw asRadioError(error, "unsupported");
      }
    },
    async subscribe(uuid) {
      lost.throwIfAborted();
      const queue = createNotificationQueue(clock);
      translated(() => peripheral.subscribe(uuid, true), "unsupported");
      queues.set(uuid, queue);
      return queue;
    },
    close: async () => close(),
  };
}

function translated<T>(work: () => T, fault: "connect-failed" | "unsupported"): T {
  try {
    return work();
  } catch (error) {
    throw asRadioError(error, fault);
  }
}

function asRadioError(cause: unknown, fault: "connect-failed" | "unsupported" | "disconnected"): RadioError {
  const isPairing = cause instanceof AttError && cause.code === INSUFFICIENT_AUTHENTICATION;
  return new RadioError(isPairing ? "pairing-needed" : fault, String(cause), { cause });
}
