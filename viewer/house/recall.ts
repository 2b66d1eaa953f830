import type { Reading } from "../../common/model/reading.ts";
import type { History } from "../model/history.ts";
import type { House } from "../model/house.ts";

const HOUR_MS = 3_600_000;
/** Single readings are kept about as long: 7 days. */
const HOURS = 7 * 24;
/** Enough for the period, a smoothed current and frozen values of a meter that is polled every 10 s: 30 minutes. */
const READINGS = 180;

/**
 * Gives a house the latest readings of the history, so that a viewer that starts again still shows the meters that have
 * fallen silent.
 */
export function recall(
  house: Pick<House, "receive">,
  history: Pick<History, "meters" | "readings">,
  now: number,
): void {
  for (const meter of history.meters()) {
    for (const reading of latest(meter, history, now)) house.receive(reading);
  }
}

/** Of the last hour that has any, and of the hour before it. */
function latest(meter: string, history: Pick<History, "readings">, now: number): Reading[] {
  for (let hour = 0; hour < HOURS; hour += 1) {
    const to = now - hour * HOUR_MS;
    const readings = [...history.readings(meter, to - HOUR_MS, to)];
    if (readings.length === 0) continue;
    const before = readings.length < READINGS ? [...history.readings(meter, to - 2 * HOUR_MS, to - HOUR_MS)] : [];
    return [...before, ...readings].slice(-READINGS);
  }
  return [];
}
