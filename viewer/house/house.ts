import type { Clock } from "../../common/runtime/clock.ts";
import type { House } from "../model/house.ts";
import { createFeedState } from "./feed.ts";
import { createMeter, type Meter } from "./meter.ts";
import { momentOf } from "./moment.ts";

/** Meters that are remembered. Beyond it the one that has been silent longest is forgotten. */
const MAX_METERS = 256;

/** Starts with no meters and a feed that is away. */
export function createHouse(clock: Pick<Clock, "now" | "uptime">): House {
  /** The one that has been silent longest comes first. */
  const meters = new Map<string, Meter>();
  const feed = createFeedState(momentOf(clock));

  function touch(name: string, create: () => Meter): Meter {
    const meter = meters.get(name) ?? create();
    meters.delete(name);
    meters.set(name, meter);
    const [longestSilent] = meters.keys();
    if (meters.size > MAX_METERS && longestSilent !== undefined) meters.delete(longestSilent);
    return meter;
  }
  return {
    receive(reading) {
      const arrival = momentOf(clock);
      const known = meters.get(reading.meter);
      // Latest readings are repeated for new subscribers, also by a feed that brings nothing new.
      if (known && !known.isNews(reading, arrival)) return;
      feed.received(arrival, meters.values());
      touch(reading.meter, () => createMeter(reading)).receive(reading, arrival);
    },
    feedIs: (state) => feed.is(state, momentOf(clock)),
    feed: () => feed.view(clock.uptime(), meters.values()),
    meters() {
      const uptimeMs = clock.uptime();
      return [...meters].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, meter]) => meter.view(uptimeMs));
    },
    periodOf: (meter) => meters.get(meter)?.periodMs,
  };
}
