import type { Reading } from "../../common/model/reading.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import type { History } from "../model/history.ts";
import type { BackedStore } from "./backed-store.ts";
import { MAX_ROWS } from "./columns.ts";
import { dayView } from "./energy.ts";
import { lifetimeOf } from "./lifetime.ts";
import { enforceLimits } from "./limits.ts";
import { dayAfter, dayOf, daySlot } from "./local-day.ts";
import { readSeries } from "./read-series.ts";
import { decodeReadings, encodeReadings } from "./reading-block.ts";
import { createRollUp } from "./roll-up.ts";
import { SLOT_MS, slotOf } from "./store.ts";
import type { DaySummary } from "./summaries.ts";
import { asStored, compareReadings } from "./summarise.ts";

/** Meters of which readings are kept; readings of more are ignored. */
const MAX_METERS = 256;
/** Readings that are written before their minute is over, so that a flood does not fill the memory. */
const MAX_PENDING = 10_000;
const HOUR_MS = SLOT_MS.minutes;

/** A history that writes when it is asked to. */
export interface StoredHistory extends History {
  /** Writes what is not yet on the disk. To be called once a minute. */
  flush(): void;
}

/**
 * Keeps readings, and computes everything else from them: what a reading touches is computed again, from the readings of
 * its minute and those directly before, then the hour and the day from their minutes. So readings in any order, late ones
 * and repeats lead to the same result.
 */
export function createHistory(store: BackedStore, { clock, log }: { clock: Clock; log: Log }): StoredHistory {
  const rollUp = createRollUp(store);
  /** By meter and minute: minutes whose readings are not in the store yet. */
  const pending = new Map<string, Map<number, Reading[]>>();
  let pendingCount = 0;
  let limits = enforceLimits(store, store.limits());
  let limitsAt = clock.monotonic();
  let isFull = false;

  function receive(reading: Reading) {
    const { meter, takenAt } = reading;
    if (takenAt < limits.ignoredBefore || !isMeterKept(meter)) return;
    if (takenAt < limits.mergedBefore) {
      rollUp.merge(reading);
      return;
    }
    const minute = slotOf("readings", takenAt);
    const readings = minuteOf(meter, minute);
    const position = readings.findLastIndex((each) => compareReadings(each, reading) <= 0) + 1;
    const last = readings[position - 1];
    if (readings.length >= MAX_ROWS || (last && compareReadings(last, reading) === 0)) return;
    readings.splice(position, 0, reading);
    pendingCount += 1;
    rollUp.touch(meter, minute);
  }
  function isMeterKept(meter: string): boolean {
    if (pending.has(meter)) return true;
    const known = new Set([...store.meters(), ...pending.keys()]);
    if (!known.has(meter) && known.size >= MAX_METERS) {
      if (!isFull) log.warn(`history: readings of more than ${MAX_METERS} meters are ignored`);
      isFull = true;
      return false;
    }
    pending.set(meter, new Map());
    return true;
  }
  /** The readings of a minute, to be changed. */
  function minuteOf(meter: string, minute: number): Reading[] {
    const minutes = pending.get(meter);
    let readings = minutes?.get(minute);
    if (!readings) {
      const stored = store.read({ tier: "readings", meter, slot: minute });
      readings = stored ? decodeReadings(meter, stored, store.names) : [];
      minutes?.set(minute, readings);
    }
    return readings;
  }
  /** Puts the pending readings into the store, where they can be found, but not yet on the disk. */
  function settle() {
    for (const [meter, minutes] of pending) {
      const changes = [...minutes].map(([slot, readings]) => ({
        tier: "readings" as const,
        meter,
        slot,
        bytes: encodeReadings(readings, store.names),
      }));
      store.write(changes);
      minutes.clear();
    }
    pendingCount = 0;
  }
  function flush() {
    settle();
    rollUp.finishHours();
    if (store.commit(rollUp.isDeferred)) rollUp.written();
    if (clock.monotonic() - limitsAt < HOUR_MS) return;
    limits = enforceLimits(store, store.limits());
    limitsAt = clock.monotonic();
  }
  function summaryOf(meter: string, slot: number): DaySummary | undefined {
    const bytes = store.read({ tier: "days", meter, slot });
    return bytes && (JSON.parse(Buffer.from(bytes).toString()) as DaySummary);
  }
  function* readings(meter: string, from: number, to: number): Iterable<Reading> {
    settle();
    const range = { from: slotOf("readings", from), to: slotOf("readings", to - 1) + 1 };
    for (const { bytes } of store.scan({ tier: "readings", meter, ...range })) {
      for (const reading of decodeReadings(meter, bytes, store.names)) {
        if (reading.takenAt >= from && reading.takenAt < to) yield reading;
      }
    }
  }
  const isKnown = (meter: string) => store.meters().includes(meter);

  return {
    add(added) {
      for (const reading of added) receive(asStored(reading));
      if (pendingCount >= MAX_PENDING) flush();
    },
    view() {
      const oldest = store.oldest("readings");
      return { kind: store.kind(), ...(oldest !== undefined && { since: oldest * SLOT_MS.readings }) };
    },
    meters() {
      settle();
      return store.meters();
    },
    series(request) {
      settle();
      rollUp.days(request.meter);
      return readSeries(request, { store, readings, readingsFrom: limits.mergedBefore });
    },
    energy(meter, days) {
      settle();
      if (!isKnown(meter)) return undefined;
      rollUp.days(meter);
      const now = clock.now();
      const today = dayOf(now);
      return Array.from({ length: days }, (_, i) => dayAfter(today, i + 1 - days)).map((day) =>
        dayView(day, summaryOf(meter, daySlot(day)), now),
      );
    },
    lifetime(meter) {
      settle();
      rollUp.days(meter);
      const range = { from: 0, to: Number.MAX_SAFE_INTEGER };
      const days = [...store.scan({ tier: "days", meter, ...range })].map(
        ({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as DaySummary,
      );
      return lifetimeOf(meter, days);
    },
    readings,
    flush,
    close() {
      settle();
      rollUp.finishAll();
      store.commit(() => false);
      store.close();
    },
  };
}
