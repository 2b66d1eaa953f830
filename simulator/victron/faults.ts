import { type ProductAdvertisement, parseAdvertisement, VICTRON } from "../../agent/drivers/victron/advertisement.ts";
import type { Advertisement } from "../../agent/radio/radio.ts";
import type { FaultKind, Trigger, UnnamedLayer } from "../faults/fault.ts";
import { encodePayload, encodeRecord, keyOf } from "./broadcast.ts";

const NO_AUX = 3;

/** Faults of devices that advertise their values. */
export const VICTRON_FAULTS = {
  "other-key": {
    about: "a Victron encrypts with another key, as after a change of its PIN",
    settings: {},
    make: (_, trigger) =>
      changePayload(trigger, (payload) => {
        // The values do not matter: nobody can decrypt them.
        const changed = Uint8Array.from(payload);
        changed[7] = (changed[7] ?? 0) ^ 0xff;
        return changed;
      }),
  },
  replayed: {
    about: "a Victron repeats one record for ever",
    settings: {},
    make(_, trigger) {
      let first: Uint8Array | undefined;
      return changePayload(trigger, (payload) => {
        first ??= payload;
        return first;
      });
    },
  },
  "not-available": {
    about: 'a Victron has no values: each is the count for "not available"',
    settings: {},
    make: (_, trigger) =>
      changePayload(trigger, (_payload, { model, record, number }, { address }) =>
        encodePayload({ model, record, number }, encodeRecord(record, { alarm: 0, mode: NO_AUX }), keyOf(address)),
      ),
  },
  "short-record": {
    about: "a Victron sends only the beginning of its record",
    settings: { bytes: 6 },
    make: (settings, trigger) =>
      changePayload(trigger, (payload) => payload.subarray(0, 8 + Math.max(1, settings.number("bytes")))),
  },
} as const satisfies Record<string, FaultKind>;

type Change = (payload: Uint8Array, parsed: ProductAdvertisement, advertisement: Advertisement) => Uint8Array;

function changePayload(trigger: Trigger, change: Change): UnnamedLayer {
  return {
    advertise(inner) {
      const payload = inner?.manufacturerData.get(VICTRON);
      const parsed = payload && parseAdvertisement(payload);
      if (!inner || !payload || !parsed || !trigger()) return inner;
      return { ...inner, manufacturerData: new Map([[VICTRON, change(payload, parsed, inner)]]) };
    },
  };
}
