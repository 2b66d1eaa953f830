import type { Reading, Sample } from "../../../../common/model/reading.ts";
import { createHouse } from "../../../../viewer/house/house.ts";
import { readingOf } from "../../../support/reading.ts";

/** Wall clock at 0 s of the uptime clock. */
export const START = Date.UTC(2026, 0, 1);

/** A reading taken `atS` seconds after the start. */
export function readingAt(seq: number, atS: number, sample: Sample, changed: Partial<Reading> = {}): Reading {
  return readingOf(seq, { takenAt: START + Math.round(atS * 1000), sample, ...changed });
}

/** A house on clocks that a test moves. */
export function houseAt() {
  let uptimeMs = 0;
  let offsetMs = START;
  const now = () => Math.round(uptimeMs + offsetMs);
  return {
    house: createHouse({ now, uptime: () => uptimeMs }),
    now,
    /** Moves both clocks to this many seconds after the start. */
    at(seconds: number) {
      uptimeMs = seconds * 1000;
    },
    setWallClock(byMs: number) {
      offsetMs += byMs;
    },
  };
}
