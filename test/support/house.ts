import type { Reading } from "../../common/model/reading.ts";
import type { History } from "../../viewer/model/history.ts";
import { API_VERSION, type HouseView, type MeterView } from "../../viewer/model/views.ts";

/** A time of all examples. */
export const AT = 1_795_770_000_000;

/** A live meter with a few values. */
export function meterOf(meter: string, changed: Partial<MeterView> = {}): MeterView {
  return {
    meter,
    device: "A4:C1:37:00:00:01",
    driver: "jbd",
    state: "live",
    since: AT - 60_000,
    periodMs: 2_000,
    measuredAt: AT - 500,
    sample: { volts: 13.3, amps: -2.5, percent: 80, online: 1, polls: 12 },
    conditions: [],
    ...changed,
  };
}

/** A house with a live feed and these meters. */
export function houseOf(meters: readonly MeterView[], changed: Partial<HouseView> = {}): HouseView {
  return {
    version: API_VERSION,
    at: AT,
    feed: { state: "live", since: AT - 60_000 },
    meters,
    health: { agents: [] },
    alerts: [],
    history: { kind: "memory" },
    ...changed,
  };
}

/** A history of these readings, without energy and lifetime figures of any meter but `house`. */
export function historyOf(readings: readonly Reading[]): History {
  return {
    add() {},
    view: () => ({ kind: "memory", ...(readings[0] && { since: readings[0].takenAt }) }),
    meters: () => [...new Set(readings.map(({ meter }) => meter))],
    series: ({ meter, quantities, from, to }) => {
      const found = readings.filter((each) => each.meter === meter && each.takenAt >= from && each.takenAt < to);
      const valuesOf = (name: (typeof quantities)[number]) => found.map(({ sample }) => sample[name] ?? null);
      return {
        meter,
        from,
        to,
        resolutionMs: 0,
        times: found.map(({ takenAt }) => takenAt),
        mean: Object.fromEntries(quantities.map((name) => [name, valuesOf(name)])),
      };
    },
    energy: (meter) =>
      meter === "house" ? [{ day: "2026-11-27", chargedKwh: 1.25, dischargedKwh: 0.5, observed: 0.98 }] : undefined,
    lifetime: (meter) =>
      meter === "house"
        ? { meter, since: AT, chargedKwh: 1.25, dischargedKwh: 0.5, dischargedAh: 40, fullCycles: 0 }
        : undefined,
    readings: (meter, from, to) =>
      readings.filter((each) => each.meter === meter && each.takenAt >= from && each.takenAt < to),
    close() {},
  };
}
