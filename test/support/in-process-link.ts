import { createNotificationQueue, type NotificationQueue } from "../../agent/radio/notification-queue.ts";
import { type Link, RadioError } from "../../agent/radio/radio.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Device } from "../../simulator/device.ts";
import { AttError, INSUFFICIENT_AUTHENTICATION } from "../../simulator/peripheral.ts";

/**
 * A link to a simulated device in the same process, without socket or noble, so that only the clock takes time. On a
 * virtual clock a whole session of a driver with faults takes no real time.
 */
export function inProcessLink(device: Device, clock: Clock): Link {
  const queues = new Map<string, NotificationQueue>();
  const lost = new AbortController();
  const end = (why: string) => {
    lost.abort(new RadioError("disconnected", `${device.address}: ${why}`));
    for (const queue of queues.values()) queue.end(lost.signal.reason);
  };
  const peripheral = device.connect({
    notified: (uuid, piece) => queues.get(uuid)?.push(piece),
    disconnected: (reason) => end(`link lost with reason ${reason}`),
  });
  const attempt = async <T>(step: () => T | Promise<T>): Promise<T> => {
    lost.signal.throwIfAborted();
    try {
      return await step();
    } catch (cause) {
      if (!(cause instanceof AttError)) throw lost.signal.reason ?? cause;
      const fault = cause.code === INSUFFICIENT_AUTHENTICATION ? "pairing-needed" : "unsupported";
      throw new RadioError(fault, `${device.address}: ${cause.message}`, { cause });
    }
  };
  return {
    address: device.address,
    addressType: device.addressType,
    services: device.services.map(({ uuid }) => uuid),
    advertisement: device.advertisement(),
    rssi: device.battery.rssi,
    lost: lost.signal,
    read: ({ characteristic }) => attempt(() => peripheral.read(characteristic)),
    write: ({ characteristic }, bytes) => attempt(() => peripheral.write(characteristic, bytes)),
    subscribe: ({ characteristic }) =>
      attempt(() => {
        const queue = createNotificationQueue(clock);
        queues.set(characteristic, queue);
        peripheral.subscribe(characteristic, true);
        return queue;
      }),
    async close() {
      peripheral.close();
      end("closed");
    },
  };
}
