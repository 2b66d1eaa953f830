import type { Clock } from "../../common/runtime/clock.ts";
import type { Notifications, RadioError } from "./radio.ts";

/** A device that talks while nobody asks is remembered so far, and no further. */
const MOST_KEPT = 1_000;

/** Notifications in the order of arrival, kept for whoever asks. One caller asks at a time. */
export interface NotificationQueue extends Notifications {
  push(notification: Uint8Array): void;
  /** Nothing more will come; what has come is still handed out. */
  end(why: RadioError): void;
}

export function createNotificationQueue(clock: Clock): NotificationQueue {
  const arrived: Uint8Array[] = [];
  let ended: RadioError | undefined;
  let wake = () => {};
  return {
    push(notification) {
      arrived.push(notification);
      if (arrived.length > MOST_KEPT) arrived.shift();
      wake();
    },
    end(why) {
      ended ??= why;
      wake();
    },
    async next(withinMs) {
      if (arrived.length === 0 && !ended) {
        const deadlineMs = clock.monotonic() + withinMs;
        const awake = new AbortController();
        wake = () => awake.abort();
        await clock.sleep(withinMs, awake.signal).catch(() => {});
        // A process that stood still finds both: what came too late is the next one's, as a capture of it will say.
        if (clock.monotonic() > deadlineMs && !ended) return undefined;
      }
      const first = arrived.shift();
      if (!first && ended) throw ended;
      return first;
    },
  };
}
