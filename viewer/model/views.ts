/**
 * The JSON that the viewer publishes: the content of `/api/v1/house`, of the events that follow, and of the other answers
 * below `/api/v1/`. The page, bmsctl and foreign programs read it. All times are milliseconds since the Unix epoch. A value
 * that is not known is absent, never zero. Readers ignore keys that they do not know.
 */
import type { Quantity } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";

/** Changes when a reader of the older version would misunderstand the newer one. */
export const API_VERSION = 1;

export interface HouseView {
  readonly version: typeof API_VERSION;
  /** When this was made. */
  readonly at: number;
  /** The viewer's connection to the aggregator's live feed. */
  readonly feed: FeedView;
  /** By name. */
  readonly meters: readonly MeterView[];
  readonly health: HealthView;
  /** Those that go on, newest first, then the latest that have ended. */
  readonly alerts: readonly AlertView[];
  readonly history: HistoryView;
}

export interface FeedView {
  /** `silent`: connected, and nothing has come for two periods of every meter. */
  readonly state: "live" | "silent" | "away";
  /** When this state began. */
  readonly since: number;
}

export interface MeterView {
  readonly meter: string;
  /** Its address. */
  readonly device: string;
  /** Addresses of other devices that report under this name as well. Their readings are not shown. */
  readonly otherDevices?: readonly string[];
  readonly driver: string;
  /**
   * `live`: a measurement has come within two periods. `offline`: the agent reports that the device does not answer.
   * `stale`: nothing has come for two periods, so agent, aggregator or feed is away.
   */
  readonly state: "live" | "stale" | "offline";
  /**
   * `live`: the time from which on it has been measured without a gap of two periods. `offline`: that of the first row
   * without an answer. `stale`: that of the last row.
   */
  readonly since: number;
  /** Time between two readings, as observed, ms; absent before the second reading. */
  readonly periodMs?: number;
  /** Time of the newest measurement; absent if the device has not answered since the viewer started. */
  readonly measuredAt?: number;
  /** The newest measurement, and the figures of the agent in the newest row. */
  readonly sample: Sample;
  /** Set while the measured values have not changed by a bit for long although current flows: since when. */
  readonly frozenSince?: number;
  /** Absent unless live. */
  readonly direction?: "charging" | "discharging" | "idle";
  /** Estimated from a smoothed current and the charge left; absent when it would be a guess, and unless live. */
  readonly timeLeft?: TimeLeft;
  /** Protections that have acted, faults and alarms, in the words of the vocabulary, and what is switched off. */
  readonly conditions: readonly ConditionView[];
  /** Present for a device that reports its cells. A cell that is not measured is absent, and the others keep their numbers. */
  readonly cells?: readonly CellView[];
  /** Present if alerts.toml has the chemistry of the cells, or limits of their voltage. */
  readonly cellLimits?: CellLimits;
}

/** Voltages of a cell, mV, at and beyond which an alert starts. */
export interface CellLimits {
  readonly lowMillivolts?: number;
  readonly highMillivolts?: number;
}

export interface TimeLeft {
  readonly until: "empty" | "full";
  readonly minutes: number;
  /** `device`: the device's own figure. */
  readonly source: "estimate" | "device";
}

export interface ConditionView {
  /** Its name in the vocabulary, such as `ovp`. None occurs twice. */
  readonly quantity: Quantity;
  /** In words, such as `cell over-voltage protection`. */
  readonly text: string;
  /** `switch`: charging or discharging is switched off, by a protection, a switch in the app, or a full battery. */
  readonly kind: "protection" | "fault" | "alarm" | "switch";
}

export interface CellView {
  /** From 1. */
  readonly number: number;
  readonly millivolts: number;
  readonly isLowest: boolean;
  readonly isHighest: boolean;
  readonly isBalancing: boolean;
}

export interface HealthView {
  readonly agents: readonly AgentHealth[];
  /** Absent if its status cannot be read. */
  readonly aggregator?: AggregatorHealth;
}

export interface AgentHealth {
  readonly meter: string;
  /** `silent`: its status is older than two of its reports. */
  readonly state: "connecting" | "connected" | "away" | "silent";
  readonly since: number;
  /** The reason why the last poll failed, for people. */
  readonly fault?: string;
  readonly readings: number;
  readonly failures: number;
  readonly reconnects: number;
  readonly backlog: number;
  readonly dropped: number;
  /** dBm. */
  readonly rssi?: number;
}

export interface AggregatorHealth {
  readonly state: "running" | "silent";
  readonly at: number;
  readonly readings: number;
  readonly outputs: readonly { readonly name: string; readonly state: string; readonly waiting: number }[];
  readonly rejected: number;
  /** Absent while it receives from its own host only. */
  readonly hosts?: readonly HostHealth[];
}

/** A host whose agents deliver to the aggregator. */
export interface HostHealth {
  readonly name: string;
  /** Absent for the aggregator's own host. */
  readonly connections?: number;
  /** Meters that belong to it. */
  readonly meters: number;
  readonly readings: number;
  /** When its latest message came. */
  readonly lastAt?: number;
  /** Negative behind the aggregator's clock. Absent while they agree within 5 s. */
  readonly clockAheadMs?: number;
}

export interface AlertView {
  /** The same for all reports of one occurrence. */
  readonly id: string;
  /** The name of its rule. */
  readonly rule: string;
  /** Absent for an alert of the whole system. */
  readonly meter?: string;
  /** In words, with values and limits: `house: cell 7 at 3.652 V, over-voltage protection stopped charging`. */
  readonly text: string;
  readonly severity: "alarm" | "warning";
  readonly since: number;
  /** Absent while it goes on. */
  readonly endedAt?: number;
}

export interface HistoryView {
  /** `memory`: nothing outlives the viewer. */
  readonly kind: "disk" | "memory";
  /** Time of the oldest reading. */
  readonly since?: number;
}

/** The data of each server-sent event of `/events`, by its name. A reconnected client gets `house` again. */
export interface EventViews {
  /** The first event, and again after the client was slow or a meter has gone. It replaces everything. */
  readonly house: HouseView;
  /** A meter that is new, or replaces the one of the same name. */
  readonly meter: MeterView;
  readonly feed: FeedView;
  readonly health: HealthView;
  readonly alerts: readonly AlertView[];
  readonly history: HistoryView;
  /** At least every 2 s: the viewer's time. */
  readonly tick: { readonly at: number };
}

/** Answer with any status from 400. */
export interface ErrorView {
  /** One sentence that names what to do. */
  readonly error: string;
}

/** Answer of `/api/v1/meters`: every meter that is present or has a history. */
export interface MetersView {
  /** By name. A meter of the history alone has only a name. */
  readonly meters: readonly (Pick<MeterView, "meter"> &
    Partial<Pick<MeterView, "device" | "driver" | "state" | "since">>)[];
}

/** Answer of `/api/v1/energy`. */
export interface EnergyView {
  readonly meter: string;
  /** Oldest first, the day of today last. */
  readonly days: readonly DayView[];
}

/** Answer of `/healthz`, with status 503 while the feed is `away` and 200 otherwise. */
export interface HealthzView extends FeedView {
  readonly at: number;
}

/** Answer of `/api/v1/history`. */
export interface SeriesView {
  readonly meter: string;
  readonly from: number;
  readonly to: number;
  /** Time that one point stands for, ms: 0 for single readings. */
  readonly resolutionMs: number;
  /** Rising. */
  readonly times: readonly number[];
  /** By quantity, as long as `times`. null: not measured, which is drawn as a gap. */
  readonly mean: Readonly<Partial<Record<Quantity, readonly (number | null)[]>>>;
  /** Absent for single readings. */
  readonly low?: SeriesView["mean"];
  readonly high?: SeriesView["mean"];
}

/** One day of `/api/v1/energy`, in the viewer's time zone. */
export interface DayView {
  /** `2026-11-27`. */
  readonly day: string;
  readonly chargedKwh: number;
  readonly dischargedKwh: number;
  /** Part of the day so far, or of the whole day when it is over, in which watts were observed: 0 to 1. */
  readonly observed: number;
}

/** Answer of `/api/v1/lifetime`: figures in the manner of a battery monitor. Ah and kWh are positive. */
export interface LifetimeView {
  readonly meter: string;
  /** When counting began. */
  readonly since: number;
  readonly chargedKwh: number;
  readonly dischargedKwh: number;
  readonly dischargedAh: number;
  /** Largest discharge from full, Ah; absent before the first time at full, and for a meter that reports no charge left. */
  readonly deepestDischargeAh?: number;
  /** Charge drawn per full cycle, as Victron computes it; absent before the first cycle. */
  readonly averageDischargeAh?: number;
  readonly lowestPercent?: number;
  /** Times the charge fell below 65 % and rose above 90 % after that, as Victron counts them. */
  readonly fullCycles: number;
  /** The last minute at 99.5 % or more; while the battery is full, the present one. */
  readonly lastFullAt?: number;
  readonly lowestVolts?: number;
  readonly highestVolts?: number;
  readonly lowestCell?: CellExtreme;
  readonly highestCell?: CellExtreme;
}

export interface CellExtreme {
  readonly number: number;
  readonly millivolts: number;
  /** To the minute. */
  readonly at: number;
}
