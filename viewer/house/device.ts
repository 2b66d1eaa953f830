import { QUANTITIES, QUANTITY_NAMES } from "../../common/model/quantities.ts";
import { type MutableSample, type Reading, type Sample, supersedes } from "../../common/model/reading.ts";
import type { MeterView } from "../model/views.ts";
import { cellsOf } from "./cells.ts";
import { conditionsOf } from "./conditions.ts";
import { type Direction, directionOf } from "./direction.ts";
import { createFreezeWatch } from "./frozen.ts";
import { createLagEstimate } from "./lag.ts";
import type { Moment } from "./moment.ts";
import { createPeriodEstimate, longestAgeMs } from "./period.ts";
import { createSmoothedCurrent } from "./smoothed-current.ts";
import { timeLeft } from "./time-left.ts";

/** The present state of one device, from its readings. Times of the uptime clock in ms. */
export interface DeviceState {
  /** False for a reading that changes nothing: a repeat, or one older than those before. */
  isNews(reading: Reading, arrival: Moment): boolean;
  /** Takes news, in any order. */
  receive(reading: Reading, arrival: Moment): void;
  /** When the newest reading was taken. */
  readonly newestMs: number;
  /** When the present series of readings began. */
  readonly presentSinceMs: number;
  /** True if the newest reading is not older than two periods. */
  isPresent(uptimeMs: number): boolean;
  /** As observed; undefined while it is not known. */
  readonly periodMs: number | undefined;
  /** The longest age of a present reading. */
  readonly longestAgeMs: number;
  view(uptimeMs: number): MeterView;
}

/** A reading, and when it was taken by the uptime clock, ms. */
interface Dated {
  readonly reading: Reading;
  readonly takenMs: number;
}

/** The part of a view that follows from a measurement alone. */
type Picture = Pick<MeterView, "conditions" | "cells">;

export function createDeviceState(): DeviceState {
  const lag = createLagEstimate();
  const period = createPeriodEstimate();
  const freeze = createFreezeWatch();
  const current = createSmoothedCurrent();
  let newest: Dated | undefined;
  let measured: Dated | undefined;
  let picture: Picture = { conditions: [] };
  let sample: Sample = {};
  let direction: Direction | undefined;
  let presentSinceMs = 0;
  let liveSince = 0;
  let offlineSince: number | undefined;

  const maximumMs = () => longestAgeMs(period.ms);
  const isRecent = (dated: Dated | undefined, uptimeMs: number) =>
    dated !== undefined && uptimeMs - dated.takenMs <= maximumMs();

  function measure(dated: Dated) {
    const { reading } = dated;
    const gapMs = measured ? reading.takenAt - measured.reading.takenAt : Number.POSITIVE_INFINITY;
    if (gapMs < 0 || gapMs > maximumMs()) liveSince = reading.takenAt;
    measured = dated;
    freeze.observe(reading);
    current.observe(reading);
    direction = directionOf(reading.sample.amps, direction);
    const cells = cellsOf(reading.sample);
    picture = { conditions: conditionsOf(reading.sample), ...(cells && { cells }) };
  }
  const ranks = (reading: Reading, { wallMs }: Moment) => ({
    isNewest: supersedes(reading, newest?.reading, wallMs),
    isNewestMeasurement: isMeasurement(reading) && supersedes(reading, measured?.reading, wallMs),
  });
  function receive(reading: Reading, arrival: Moment) {
    const { isNewest, isNewestMeasurement } = ranks(reading, arrival);
    const dated = { reading, takenMs: arrival.uptimeMs - lag.observe(reading, arrival) };
    // By the period as it was before: this reading may come after a gap.
    if (isNewestMeasurement) measure(dated);
    if (isNewest) {
      if (!isRecent(newest, arrival.uptimeMs)) presentSinceMs = dated.takenMs;
      newest = dated;
      period.observe(reading);
      offlineSince = isMeasurement(reading) ? undefined : (offlineSince ?? reading.takenAt);
    }
    sample = combined(measured?.reading.sample ?? {}, newest?.reading.sample ?? {});
  }
  function stateOf(reading: Reading, uptimeMs: number): Pick<MeterView, "state" | "since"> {
    if (isRecent(measured, uptimeMs)) return { state: "live", since: liveSince };
    if (offlineSince !== undefined && isRecent(newest, uptimeMs)) return { state: "offline", since: offlineSince };
    return { state: "stale", since: reading.takenAt };
  }
  return {
    isNews(reading, arrival) {
      const { isNewest, isNewestMeasurement } = ranks(reading, arrival);
      return isNewest || isNewestMeasurement;
    },
    receive,
    get newestMs() {
      return newest?.takenMs ?? Number.NEGATIVE_INFINITY;
    },
    get presentSinceMs() {
      return presentSinceMs;
    },
    get periodMs() {
      return period.ms;
    },
    get longestAgeMs() {
      return maximumMs();
    },
    isPresent: (uptimeMs) => isRecent(newest, uptimeMs),
    view(uptimeMs) {
      if (!newest) throw new RangeError("a device is shown from its first reading on");
      const { reading } = newest;
      const state = stateOf(reading, uptimeMs);
      const left = state.state === "live" ? timeLeft(sample, { direction, amps: current.amps }) : undefined;
      return {
        meter: reading.meter,
        device: reading.device,
        driver: reading.driver,
        ...state,
        ...(period.ms !== undefined && { periodMs: period.ms }),
        ...(measured && { measuredAt: measured.reading.takenAt }),
        sample,
        ...(freeze.since !== undefined && { frozenSince: freeze.since }),
        // Of an old current nobody knows whether it still flows.
        ...(state.state === "live" && direction && { direction }),
        ...(left && { timeLeft: left }),
        ...picture,
      };
    },
  };
}

const isMeasurement = ({ sample }: Reading) => sample.online !== 0;

const AGENT_FIGURES = QUANTITY_NAMES.filter((name) => QUANTITIES[name].group === "agent");

/** A measurement with the agent's figures of the newest reading, which may be one without an answer. */
function combined(measurement: Sample, newest: Sample): Sample {
  const sample: MutableSample = { ...measurement };
  for (const name of AGENT_FIGURES) {
    const value = newest[name];
    if (value === undefined) delete sample[name];
    else sample[name] = value;
  }
  return sample;
}
