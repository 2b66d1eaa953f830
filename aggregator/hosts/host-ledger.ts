import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import type { Delivery } from "../../common/wire/messages.ts";

/** Deliveries of the hosts since the start, and the differences of their clocks from this one. */
export interface HostLedger {
  /** Records a delivery, of which `fresh` readings are new. */
  record(host: string, delivery: Delivery, fresh: number): void;
  of(host: string): HostRecord;
}

export interface HostRecord {
  /** New ones. */
  readonly readings: number;
  readonly lastAt?: number;
  /** Absent while the clocks agree within 5 s. */
  readonly clockAheadMs?: number;
}

/** Of a message that has the sender's time: on its way it can only get older. */
const SAMPLES = 16;

const TOLERANCE_MS = 5_000;

interface Entry {
  readings: number;
  lastAt: number;
  /** Lead of each of the latest calm messages over this clock when it came, ms. */
  readonly ahead: number[];
  clockAheadMs?: number | undefined;
}

/** Logs a difference between two clocks once, and once more when it has gone. */
export function createHostLedger(clock: Clock, log: Log): HostLedger {
  const entries = new Map<string, Entry>();

  function compareClocks(host: string, entry: Entry, sent: number) {
    entry.ahead.push(sent - clock.now());
    if (entry.ahead.length > SAMPLES) entry.ahead.shift();
    // The message that was under way for the shortest time is nearest to the difference of the clocks.
    const nearest = Math.max(...entry.ahead);
    // A few that are behind may all have been delayed.
    const isBehind = nearest < -TOLERANCE_MS && entry.ahead.length === SAMPLES;
    const differs = nearest > TOLERANCE_MS || isBehind;
    const differed = entry.clockAheadMs !== undefined;
    entry.clockAheadMs = differs ? nearest : undefined;
    if (differs && !differed) {
      const seconds = (Math.abs(nearest) / 1000).toFixed(0);
      log.warn(
        `the clock of host "${host}" is ${seconds} s ${nearest > 0 ? "ahead of" : "behind"} this one, and so are the times ` +
          "of its readings: look at timedatectl on both hosts",
      );
    }
    if (!differs && differed) log.info(`the clock of host "${host}" agrees with this one again`);
  }
  return {
    record(host, { sent, readings, latest }, fresh) {
      const entry = entries.get(host) ?? { readings: 0, lastAt: 0, ahead: [] };
      entries.set(host, entry);
      entry.readings += fresh;
      entry.lastAt = clock.now();
      // A message of a backlog may have waited for others before it.
      if (sent !== undefined && readings.length <= 1 && !latest) compareClocks(host, entry, sent);
    },
    of(host) {
      const { readings = 0, lastAt, clockAheadMs } = entries.get(host) ?? {};
      return {
        readings,
        ...(lastAt !== undefined && { lastAt }),
        ...(clockAheadMs !== undefined && { clockAheadMs }),
      };
    },
  };
}
