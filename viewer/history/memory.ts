import type { Reading } from "../../common/model/reading.ts";
import type { History } from "../model/history.ts";

/** A history that lasts as long as the process. */
export function memoryHistory(): History {
  const kept: Reading[] = [];
  return {
    add: (readings) => void kept.push(...readings),
    view: () => ({ kind: "memory" }),
    meters: () => [...new Set(kept.map(({ meter }) => meter))],
    series: ({ meter, from, to }) => ({ meter, from, to, resolutionMs: 0, times: [], mean: {} }),
    energy: () => undefined,
    lifetime: () => undefined,
    readings: (meter, from, to) =>
      kept.filter((each) => each.meter === meter && each.takenAt >= from && each.takenAt < to),
    close() {},
  };
}
