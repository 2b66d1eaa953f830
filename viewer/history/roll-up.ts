import type { Reading } from "../../common/model/reading.ts";
import type { BackedStore } from "./backed-store.ts";
import { joinAll, summariseMinutes } from "./lifetime.ts";
import { beginOfHour, dayOf, daySlot, hoursOf, type Span } from "./local-day.ts";
import { decodeSummaries, encodeSummaries } from "./minute-block.ts";
import { decodeReadings } from "./reading-block.ts";
import { type Place, SLOT_MS, slotOf } from "./store.ts";
import { type Day, type DaySummary, type MinuteSummary, NEIGHBOUR_MS, NEIGHBOURS, type Part } from "./summaries.ts";
import { combine, compareReadings, mergeExtremes, summariseMinute } from "./summarise.ts";

/**
 * Minutes, hours and days of the readings in a store. They are computed when they are needed: for an answer, or to be
 * written once their hour is over. Until then nothing but the readings is on the disk, from which they follow again.
 */
export interface RollUp {
  /** A minute has new readings. */
  touch(meter: string, minute: number): void;
  /** Takes a reading so late that those of its time are not kept any more. */
  merge(reading: Reading): void;
  /** Brings everything of a meter up to date. */
  days(meter: string): void;
  /** Brings everything up to date that is to be written now. */
  finishHours(): void;
  finishAll(): void;
  /** True for what is not to be written yet: what its readings on the disk lead to. */
  isDeferred(place: Place): boolean;
  /** Everything else has been written. */
  written(): void;
}

interface MeterState {
  /** The hour of the reading that came last. */
  openHour: number | undefined;
  /** Minutes whose readings have changed. */
  readonly minutes: Set<number>;
  /** Readings too late to be kept, by minute. */
  readonly merged: Map<number, Reading[]>;
  /** Minutes that were summarised after the days were, by their beginning. */
  readonly changed: Set<number>;
  /** Figures of the hours of the latest day, by their beginning; undefined for an hour without minutes. */
  readonly parts: Map<number, Part | undefined>;
  /** Something besides the open hour has changed since it was written. */
  isDue: boolean;
}

const MINUTE_MS = SLOT_MS.readings;
const NEIGHBOUR_MINUTES = NEIGHBOUR_MS / MINUTE_MS;
const HOUR_MS = SLOT_MS.minutes;
const HOUR_MINUTES = HOUR_MS / MINUTE_MS;

export function createRollUp(store: BackedStore): RollUp {
  const states = new Map<string, MeterState>();
  for (const meter of store.meters()) resume(meter);

  function stateOf(meter: string): MeterState {
    let state = states.get(meter);
    if (!state) {
      state = {
        openHour: undefined,
        minutes: new Set(),
        merged: new Map(),
        changed: new Set(),
        parts: new Map(),
        isDue: false,
      };
      states.set(meter, state);
    }
    return state;
  }
  /** After a kill: the readings of the open hour are on the disk, what follows from them may not be. */
  function resume(meter: string) {
    const bytes = store.read({ tier: "open", meter, slot: 0 });
    const openHour = bytes && Number(Buffer.from(bytes).toString());
    if (openHour === undefined) return;
    const state = stateOf(meter);
    state.openHour = openHour;
    const range = { from: openHour * HOUR_MINUTES, to: (openHour + 1) * HOUR_MINUTES };
    for (const { slot } of store.scan({ tier: "readings", meter, ...range })) state.minutes.add(slot);
  }
  function touch(meter: string, minute: number) {
    const state = stateOf(meter);
    const hour = Math.floor(minute / HOUR_MINUTES);
    state.minutes.add(minute);
    if (hour === state.openHour) return;
    // What it was before is written now.
    if (state.openHour !== undefined) state.isDue = true;
    state.openHour = hour;
    store.write([{ tier: "open", meter, slot: 0, bytes: Buffer.from(String(hour)) }]);
  }
  function readingsOf(meter: string, minute: number): Reading[] {
    const bytes = store.read({ tier: "readings", meter, slot: minute });
    return bytes ? decodeReadings(meter, bytes, store.names) : [];
  }
  /** Readings directly before a minute. */
  function before(meter: string, minute: number): Reading[] {
    const found: Reading[] = [];
    for (let earlier = minute - 1; earlier >= minute - NEIGHBOUR_MINUTES && found.length < NEIGHBOURS; earlier -= 1) {
      found.unshift(...readingsOf(meter, earlier));
    }
    return found.slice(-NEIGHBOURS).filter(({ takenAt }) => takenAt >= minute * MINUTE_MS - NEIGHBOUR_MS);
  }
  /** Minutes whose readings have one of `minute` among their neighbours. */
  function after(meter: string, minute: number): number[] {
    const found: number[] = [];
    let count = 0;
    for (const { slot, bytes } of store.scan({
      tier: "readings",
      meter,
      from: minute + 1,
      to: minute + NEIGHBOUR_MINUTES + 1,
    })) {
      found.push(slot);
      count += decodeReadings(meter, bytes, store.names).length;
      if (count >= NEIGHBOURS) break;
    }
    return found;
  }

  function minutes(meter: string) {
    const state = states.get(meter);
    if (!state || state.minutes.size + state.merged.size === 0) return;
    const affected = new Set([...state.minutes].flatMap((minute) => [minute, ...after(meter, minute)]));
    const summaries: MinuteSummary[] = [];
    for (const minute of [...affected].sort((a, b) => a - b)) {
      const readings = readingsOf(meter, minute);
      if (readings.length > 0) summaries.push(summariseMinute(minute * MINUTE_MS, readings, before(meter, minute)));
    }
    for (const [minute, readings] of state.merged) {
      const [latest] = readSummaries("minutes", meter, minute * MINUTE_MS, (minute + 1) * MINUTE_MS);
      const alone = summariseMinute(minute * MINUTE_MS, readings, []);
      summaries.push(latest ? mergeExtremes(latest, alone) : alone);
    }
    state.minutes.clear();
    state.merged.clear();
    for (const { at } of summaries) state.changed.add(at);
    writeSummaries("minutes", meter, summaries);
    const hours = [...new Set(summaries.map(({ at }) => slotOf("minutes", at) * SLOT_MS.minutes))];
    writeSummaries(
      "hours",
      meter,
      hours.map((at) => combine(at, readSummaries("minutes", meter, at, at + SLOT_MS.minutes))),
    );
  }
  function days(meter: string) {
    minutes(meter);
    const state = states.get(meter);
    if (!state || state.changed.size === 0) return;
    const changed = new Map<string, Day>();
    for (const at of state.changed) {
      const day = dayOf(at);
      changed.set(day.day, day);
      state.parts.delete(beginOfHour(at, day));
    }
    state.changed.clear();
    const days = [...changed.values()].sort((a, b) => a.from - b.from);
    store.write(
      days.flatMap((day) => {
        const part = joinAll(definedOf(hoursOf(day).map((hour) => partOfHour(meter, hour, state.parts))));
        if (!part) return [];
        const { count, mean, low, high } = combine(day.from, readSummaries("hours", meter, day.from, day.to));
        const values = { count, mean, low, high };
        const summary: DaySummary & { readonly meter: string } = { meter, day: day.day, ...part, values };
        return [{ tier: "days", meter, slot: daySlot(day), bytes: Buffer.from(JSON.stringify(summary)) }];
      }),
    );
    const latest = days.at(-1)?.from ?? 0;
    for (const begin of state.parts.keys()) if (begin < latest) state.parts.delete(begin);
  }
  /** While a day goes on, only the minutes of its present hour are read again. */
  function partOfHour(meter: string, { from, to }: Span, parts: Map<number, Part | undefined>): Part | undefined {
    if (!parts.has(from)) parts.set(from, summariseMinutes(readSummaries("minutes", meter, from, to)));
    return parts.get(from);
  }

  function readSummaries(tier: "minutes" | "hours", meter: string, from: number, to: number): MinuteSummary[] {
    const range = { from: slotOf(tier, from), to: slotOf(tier, to - 1) + 1 };
    return [...store.scan({ tier, meter, ...range })]
      .flatMap(({ bytes }) => decodeSummaries(bytes, store.names))
      .filter(({ at }) => at >= from && at < to);
  }
  /** Replaces rows of the same time. */
  function writeSummaries(tier: "minutes" | "hours", meter: string, summaries: readonly MinuteSummary[]) {
    const slots = new Set(summaries.map(({ at }) => slotOf(tier, at)));
    store.write(
      [...slots].map((slot) => {
        const begin = slot * SLOT_MS[tier];
        const rows = new Map(readSummaries(tier, meter, begin, begin + SLOT_MS[tier]).map((row) => [row.at, row]));
        for (const row of summaries) if (slotOf(tier, row.at) === slot) rows.set(row.at, row);
        const sorted = [...rows.values()].sort((a, b) => a.at - b.at);
        return { tier, meter, slot, bytes: encodeSummaries(sorted, store.names) };
      }),
    );
  }
  return {
    touch,
    merge(reading) {
      const minute = slotOf("readings", reading.takenAt);
      const state = stateOf(reading.meter);
      const others = (state.merged.get(minute) ?? []).filter((each) => compareReadings(each, reading) !== 0);
      state.merged.set(minute, [...others, reading].sort(compareReadings));
      state.isDue = true;
    },
    days,
    finishHours() {
      for (const [meter, { isDue }] of states) if (isDue) days(meter);
    },
    finishAll() {
      for (const meter of states.keys()) days(meter);
    },
    isDeferred: ({ tier, meter }) => tier !== "readings" && tier !== "open" && !states.get(meter)?.isDue,
    written() {
      for (const state of states.values()) state.isDue = false;
    },
  };
}

function definedOf<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}
