import { QUANTITIES, QUANTITY_NAMES } from "../../common/model/quantities.ts";
import type { Reading, Sample } from "../../common/model/reading.ts";

/** The part of a meter's readings that its newest one does not show. */
export interface Sighting {
  /** Devices that report under this name in turn; one or none unless two agents have the same name. */
  readonly devices: readonly string[];
  /** A sample since the last tick in which a protection or an alarm acted; the newest one of them. */
  readonly acted?: Sample;
}

/** Every reading of the feed, reduced to what alerts need of it. */
export interface Sightings {
  /** `now`: uptime, ms. */
  receive(reading: Reading, now: number): void;
  of(meter: string, now: number): Sighting;
  /** Forgets what acted: it has been examined. */
  tick(): void;
}

/** A device that returns within this time after another one has reported under its name shares the name with it, ms. */
const WINDOW_MS = 600_000;
const STATES = QUANTITY_NAMES.filter((name) => "state" in QUANTITIES[name]);

interface Devices {
  current: string;
  readonly lastAt: Map<string, number>;
  returnedAt: number;
}

export function createSightings(): Sightings {
  const devices = new Map<string, Devices>();
  const acted = new Map<string, Sample>();

  function see(meter: string, device: string, now: number) {
    const seen = devices.get(meter) ?? { current: device, lastAt: new Map(), returnedAt: Number.NEGATIVE_INFINITY };
    devices.set(meter, seen);
    for (const [each, at] of seen.lastAt) if (now - at > WINDOW_MS) seen.lastAt.delete(each);
    if (device !== seen.current && seen.lastAt.has(device)) seen.returnedAt = now;
    seen.current = device;
    seen.lastAt.set(device, now);
  }
  return {
    receive({ meter, device, sample }, now) {
      see(meter, device, now);
      if (STATES.some((name) => sample[name] === 1)) acted.set(meter, sample);
    },
    of(meter, now) {
      const seen = devices.get(meter);
      const sample = acted.get(meter);
      const isShared = seen !== undefined && now - seen.returnedAt <= WINDOW_MS;
      return {
        devices: isShared ? [...seen.lastAt.keys()].sort() : seen ? [seen.current] : [],
        ...(sample && { acted: sample }),
      };
    },
    tick: () => acted.clear(),
  };
}
