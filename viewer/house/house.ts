import type { Reading } from "../../common/model/reading.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { House } from "../model/house.ts";
import type { FeedView, MeterView } from "../model/views.ts";

/** Starts with no meters and a feed that is away. */
export function createHouse(clock: Clock): House {
  const newest = new Map<string, Reading>();
  let feed: FeedView = { state: "away", since: clock.now() };
  return {
    receive(reading) {
      newest.set(reading.meter, reading);
    },
    feedIs(state) {
      feed = { state: state === "connected" ? "live" : "away", since: clock.now() };
    },
    feed: () => feed,
    meters: () => [...newest.values()].map(meterView),
  };
}

function meterView({ meter, device, driver, takenAt, sample }: Reading): MeterView {
  const state = sample.online === 0 ? "offline" : "live";
  return { meter, device, driver, state, since: takenAt, measuredAt: takenAt, sample, conditions: [] };
}
