import type { Sample } from "../../common/model/reading.ts";
import type { AlertView, HouseView, MeterView } from "../model/views.ts";

/** The state of everything that rules examine, at one moment. */
export type Facts = Pick<HouseView, "at" | "feed" | "meters" | "health">;

export type Severity = AlertView["severity"];

/** Chemistries of cells whose limits are known. `unknown`: the limits that hold for LFP and NMC alike. */
export const CHEMISTRIES = ["unknown", "lfp", "nmc", "lto"] as const;
export type Chemistry = (typeof CHEMISTRIES)[number];

/** Two limits: an alert starts at `start` and ends only at `end`, so that a value near a limit gives one alert. */
export interface Limits {
  readonly start: number;
  readonly end: number;
}

/** The settings of a rule, for one meter or for the whole system. */
export interface RuleSettings {
  readonly enabled: boolean;
  readonly severity: Severity;
  /** Absent for a rule that examines a state, not a value. */
  readonly limits?: Limits;
  /** Time for which a value must be wrong before an alert starts. */
  readonly delayMs: number;
  /** Time for which a value must be right before an alert ends. */
  readonly endDelayMs: number;
  /** Time between two reminders; 0 for none. */
  readonly reminderMs: number;
}

/** The unit of a rule's limits, and the values that they may have. */
export interface LimitsSpec {
  readonly unit: string;
  readonly least: number;
  readonly most: number;
  /** The side of a limit on which a value is wrong. */
  readonly wrong: "below" | "above";
  /** Defaults. */
  preset(chemistry: Chemistry): Limits;
}

/** An observation of one subject. */
export interface Finding {
  /** Whatever may be wrong beside other things of the same meter: the name of a protection, of an output. Empty otherwise. */
  readonly subject: string;
  /** `between`: no longer wrong, and not yet right. */
  readonly state: "wrong" | "between" | "right";
  /** When it became wrong, if that is known better than by the first finding. */
  readonly since?: number;
  /** The number of the cell in question. */
  readonly cell?: number;
  /**
   * The present state in words, without the meter: `cell 7 at 3.652 V`. Where it is right, the end of an alert: `cell 7 is at
   * 3.401 V again`.
   */
  text(): string;
}

/** Everything that a rule may examine. */
export interface Observation {
  readonly facts: Facts;
  readonly settings: RuleSettings;
  /** Undefined for a rule about the whole system. */
  readonly meter: MeterView | undefined;
  /** The sample in which a protection or an alarm of the meter acted since the last examination. */
  readonly acted: Sample | undefined;
  /** The cell of the running alert about this subject, which its end is about as well. */
  cellOf(subject: string): number | undefined;
}

/** One kind of alert, as a row of the table. */
export interface Rule {
  readonly name: string;
  readonly about: string;
  /** Meters: evaluated for each of them. */
  readonly scope: "meter" | "system";
  readonly preset: Omit<RuleSettings, "limits" | "enabled">;
  readonly limits?: LimitsSpec;
  /** Undefined while nothing is known: alerts neither start nor end. */
  observe(observation: Observation): readonly Finding[] | undefined;
}

/** A rule that examines the newest measurement of a meter that is live. */
export function measured(observe: (meter: MeterView, observation: Observation) => readonly Finding[]): Rule["observe"] {
  return (observation) => {
    const { meter } = observation;
    return meter?.state === "live" ? observe(meter, observation) : undefined;
  };
}

/** The state of a value by two limits. @throws {Error} for a rule without limits */
export function stateOf(value: number, { limits }: RuleSettings): Finding["state"] {
  if (!limits) throw new Error("the rule has no limits");
  const { start, end } = limits;
  const isWrong = start < end ? value <= start : value >= start;
  const isRight = start < end ? value >= end : value <= end;
  return isWrong ? "wrong" : isRight ? "right" : "between";
}
