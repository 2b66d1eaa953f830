import type { Clock } from "../../common/runtime/clock.ts";
import type { Notifications, RadioError } from "./radio.ts";

/** The oldest are dropped when a device notifies more than is read. */
const MAX_QUEUED = 1_000;

/** Notifications in the order of arrival. One caller waits at a time. */
export interface NotificationQueue extends Notifications {
  push(notification: Uint8Array): void;
  /** Ends the queue: `next` returns the notifications that have arrived, and then throws `why`. */
  end(why: RadioError): void;
}

export function createNotificationQueue(clock: Clock): NotificationQueue {
  const arrived: Uint8Array[] = [];
  let ended: RadioError | undefined;
  let wake = () => {};
  return {
    push(notification) {
      arrived.push(notification);
      if (arrived.length > MAX_QUEUED) arrived.shift();
      wake();
    },
    end(why) {
      ended ??= why;
      wake();
    },
    async next(withinMs) {
      if (arrived.length === 0 && !ended) {
        const deadlineMs = clock.monotonic() + withinMs;
        await new Promise<void>((resolve) => {
          const cancel = clock.timer(withinMs, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
        // After a suspension both may be due. A notification from after the deadline belongs to the next call, as in a
        // capture of it.
        if (clock.monotonic() > deadlineMs && !ended) return undefined;
      }
      const first = arrived.shift();
      if (!first && ended) throw ended;
      return first;
    },
    clear() {
      arrived.length = 0;
    },
  };
}
