import type { AlertView, MeterView } from "../model/views.ts";
import type { ActedSamples } from "./acted.ts";
import type { AlertConfig } from "./config.ts";
import type { Facts, Finding, Rule } from "./rule.ts";
import { RULES } from "./rules/rules.ts";
import {
  type AlertEvent,
  advance,
  alertView,
  isForgettable,
  type Step,
  shiftTrack,
  type Track,
  withdraw,
} from "./track.ts";

/** Everything that alerts depend on besides the present facts. Plain data: it is written to the disk as it is. */
export interface EngineState {
  readonly tracks: readonly Track[];
  /** The latest that have ended, newest first. */
  readonly ended: readonly AlertView[];
  /** Meters that are watched, also while nothing arrives from them. */
  readonly meters: readonly KnownMeter[];
  /** Number of alerts so far. */
  readonly count: number;
}

interface KnownMeter {
  readonly meter: string;
  readonly device: string;
  readonly driver: string;
  /** When it was last live. */
  readonly seenAt: number;
}

export interface ExamineDeps {
  readonly config: AlertConfig;
  readonly acted: ActedSamples;
}

export interface Examined {
  readonly state: EngineState;
  readonly events: readonly AlertEvent[];
}

export const NO_ALERTS: EngineState = { tracks: [], ended: [], meters: [], count: 0 };

/** A meter that has been silent for this time is no longer watched, ms. */
const FORGET_AFTER_MS = 7 * 86_400_000;
/** An alert about a subject that its rule does not report for this time is ended, ms. */
const WITHDRAW_AFTER_MS = 600_000;
const KEPT_ENDED = 20;

/** Applies every rule to the facts. */
export function examine(state: EngineState, facts: Facts, deps: ExamineDeps): Examined {
  const known = knownMeters(state.meters, facts);
  const meters = watchedMeters(known, facts);
  const tracks = new Map(state.tracks.map((track) => [keyOf(track), track]));
  const events: AlertEvent[] = [];
  let { count } = state;
  const newId = () => `${facts.at.toString(36)}-${++count}`;
  const take = (steps: readonly Step[]) => {
    for (const { track, event } of steps) {
      if (isForgettable(track)) tracks.delete(keyOf(track));
      else tracks.set(keyOf(track), track);
      if (event) events.push(event);
    }
  };
  for (const rule of RULES) {
    for (const meter of rule.scope === "system" ? [undefined] : meters) {
      const own = [...tracks.values()].filter((track) => track.rule === rule.name && track.meter === meter?.meter);
      take(applyRule(rule, meter, own, { ...deps, facts, newId }));
    }
  }
  const watched = new Set(meters.map(({ meter }) => meter));
  const gone = [...tracks.values()].filter(({ meter }) => meter !== undefined && !watched.has(meter));
  take(gone.map((track) => withdraw({ ...track, starts: [] }, "no measurement for 7 days", facts.at)));

  const over = events.flatMap(({ kind, alert }) => (kind === "end" ? [alert] : []));
  const ended = [...over.reverse(), ...state.ended].slice(0, KEPT_ENDED);
  return { state: { tracks: [...tracks.values()], ended, meters: known, count }, events };
}

/** Those that go on, newest first, then the latest that have ended. */
export function alertViews({ tracks, ended }: EngineState): readonly AlertView[] {
  const running = tracks.flatMap((track) => (track.running ? [alertView(track, track.running)] : []));
  return [...running.sort((a, b) => b.since - a.since), ...ended];
}

/** The state after the wall clock was set forward by `ms`: delays and durations stay true. */
export function shiftState({ tracks, ended, meters, count }: EngineState, ms: number): EngineState {
  return {
    tracks: tracks.map((track) => shiftTrack(track, ms)),
    ended: ended.map((alert) => ({
      ...alert,
      since: alert.since + ms,
      ...(alert.endedAt !== undefined && { endedAt: alert.endedAt + ms }),
    })),
    meters: meters.map((meter) => ({ ...meter, seenAt: meter.seenAt + ms })),
    count,
  };
}

interface RuleDeps extends ExamineDeps {
  readonly facts: Facts;
  /** Makes the identity of an alert that starts. */
  newId(): string;
}

/** `tracks`: of this rule and meter. */
function applyRule(
  rule: Rule,
  meter: MeterView | undefined,
  tracks: readonly Track[],
  deps: RuleDeps,
): readonly Step[] {
  const { config, facts, acted, newId } = deps;
  const settings = config.settings(rule, meter?.meter);
  if (!settings.enabled) return tracks.map((track) => withdraw(track, `the rule ${rule.name} is off`, facts.at));
  const trackOf = (subject: string) => tracks.find((track) => track.subject === subject);
  const findings = rule.observe({
    facts,
    settings,
    meter,
    acted: meter && acted.of(meter.meter, meter.device),
    cellOf: (subject) => trackOf(subject)?.running?.cell,
  });
  if (!findings) return [];
  const origin = { rule: rule.name, ...(meter && { meter: meter.meter }) };
  const found = findings.map((finding) => {
    const track = trackOf(finding.subject) ?? { ...origin, subject: finding.subject, starts: [] };
    return advance(track, finding, settings, facts.at, newId);
  });
  return [...found, ...missing(tracks, findings).map((track) => awaitReturn(track, facts.at))];
}

function missing(tracks: readonly Track[], findings: readonly Finding[]): readonly Track[] {
  const found = new Set(findings.map(({ subject }) => subject));
  return tracks.filter(({ subject }) => !found.has(subject));
}

function awaitReturn(track: Track, now: number): Step {
  const { missingSince = now } = track;
  if (now - missingSince < WITHDRAW_AFTER_MS) return { track: { ...track, missingSince } };
  return withdraw({ ...track, starts: [] }, "it is no longer reported", now);
}

function knownMeters(before: readonly KnownMeter[], { meters, at }: Facts): readonly KnownMeter[] {
  const known = new Map(before.map((each) => [each.meter, each]));
  for (const { meter, device, driver, state, since, measuredAt = since } of meters) {
    if (state === "live" || !known.has(meter))
      known.set(meter, { meter, device, driver, seenAt: state === "live" ? at : measuredAt });
  }
  return [...known.values()].filter(({ seenAt }) => at - seenAt < FORGET_AFTER_MS);
}

/** Meters as they are, and those that have reported before and not since the viewer started. */
function watchedMeters(known: readonly KnownMeter[], { meters }: Facts): readonly MeterView[] {
  const present = new Map(meters.map((each) => [each.meter, each]));
  return known.map(
    ({ meter, device, driver, seenAt }) =>
      present.get(meter) ?? {
        meter,
        device,
        driver,
        state: "stale",
        since: seenAt,
        measuredAt: seenAt,
        sample: {},
        conditions: [],
      },
  );
}

function keyOf({ rule, meter, subject }: Pick<Track, "rule" | "meter" | "subject">): string {
  return JSON.stringify([rule, meter, subject]);
}
