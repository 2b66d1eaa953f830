import { QUANTITIES, QUANTITY_NAMES } from "../../common/model/quantities.ts";
import type { Reading, Sample } from "../../common/model/reading.ts";

/** The samples in which a protection or an alarm acted since the last tick: it may have ended before the tick. */
export interface ActedSamples {
  receive(reading: Reading): void;
  /** The newest one of a device under a name. */
  of(meter: string, device: string): Sample | undefined;
  clear(): void;
}

const STATES = QUANTITY_NAMES.filter((name) => "state" in QUANTITIES[name]);

export function collectActed(): ActedSamples {
  const acted = new Map<string, Sample>();
  const keyOf = (meter: string, device: string) => JSON.stringify([meter, device]);
  return {
    receive({ meter, device, sample }) {
      if (STATES.some((name) => sample[name] === 1)) acted.set(keyOf(meter, device), sample);
    },
    of: (meter, device) => acted.get(keyOf(meter, device)),
    clear: () => acted.clear(),
  };
}
