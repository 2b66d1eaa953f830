import type { AlertView } from "../model/views.ts";
import type { Finding, RuleSettings, Severity } from "./rule.ts";
import { durationText } from "./words.ts";

/** The history of one subject of a rule: nothing but what its next alert depends on. Times: ms since the Unix epoch. */
export interface Track {
  readonly rule: string;
  readonly meter?: string;
  readonly subject: string;
  /** Wrong, and the delay has not passed. */
  readonly wrongSince?: number;
  readonly running?: Running;
  /** When alerts started within the last hour. */
  readonly starts: readonly number[];
  /** When its rule stopped reporting the subject. */
  readonly missingSince?: number;
}

/** An alert that goes on. */
interface Running {
  readonly id: string;
  readonly severity: Severity;
  readonly since: number;
  /** As at the start. */
  readonly startText: string;
  /** As of now. */
  readonly text: string;
  readonly cell?: number;
  /** Time of the last message. */
  readonly messagedAt: number;
  /** Right, and the delay has not passed. */
  readonly rightSince?: number;
  /** It has started so often that its end waits for an hour. */
  readonly isStorm?: boolean;
}

/** A message is due. */
export interface AlertEvent {
  readonly kind: "start" | "reminder" | "end";
  readonly alert: AlertView;
  /** The message, in words. */
  readonly text: string;
  readonly at: number;
}

export interface Step {
  readonly track: Track;
  readonly event?: AlertEvent;
}

const HOUR_MS = 3_600_000;
/** Alerts about one subject within an hour after which the next end waits for an hour without it. */
const STARTS_OF_STORM = 3;

/** Takes a finding. `newId` makes the identity of an alert that starts. */
export function advance(
  track: Track,
  finding: Finding,
  settings: RuleSettings,
  now: number,
  newId: () => string,
): Step {
  const { missingSince: _, ...found } = track;
  if (found.running) return advanceRunning(found, found.running, finding, settings, now);
  const { wrongSince = now, ...idle } = { ...found, starts: found.starts.filter((at) => now - at < HOUR_MS) };
  // Between the limits the delay goes on: the value may only be noisy.
  if (finding.state === "right" || (finding.state === "between" && found.wrongSince === undefined))
    return { track: idle };
  if (finding.state === "between" || now - wrongSince < settings.delayMs) return { track: { ...idle, wrongSince } };
  return start(idle, finding, settings, { now, since: finding.since ?? wrongSince, id: newId() });
}

/** Ends what its rule no longer reports: the meter is gone, or the rule is switched off. */
export function withdraw(track: Track, reason: string, now: number): Step {
  const { running, wrongSince: _, missingSince: __, ...rest } = track;
  if (!running) return { track: rest };
  return {
    track: rest,
    event: eventOf("end", track, running, { text: `no longer watched: ${reason}`, now, endedAt: now }),
  };
}

/** The running alert of a track, for people. */
export function alertView({ rule, meter }: Track, { id, text, severity, since }: Running): AlertView {
  return { id, rule, ...(meter !== undefined && { meter }), text: withMeter(meter, text), severity, since };
}

/** True once nothing depends on the track any more. */
export function isForgettable({ wrongSince, running, starts }: Track): boolean {
  return wrongSince === undefined && running === undefined && starts.length === 0;
}

/** The track after the wall clock was set forward by `ms`. */
export function shiftTrack({ wrongSince, running, starts, missingSince, ...origin }: Track, ms: number): Track {
  return {
    ...origin,
    starts: starts.map((at) => at + ms),
    ...(wrongSince !== undefined && { wrongSince: wrongSince + ms }),
    ...(missingSince !== undefined && { missingSince: missingSince + ms }),
    ...(running && { running: shiftRunning(running, ms) }),
  };
}

function shiftRunning({ rightSince, ...running }: Running, ms: number): Running {
  return {
    ...running,
    since: running.since + ms,
    messagedAt: running.messagedAt + ms,
    ...(rightSince !== undefined && { rightSince: rightSince + ms }),
  };
}

interface Start {
  readonly now: number;
  readonly since: number;
  readonly id: string;
}

function start(idle: Track, finding: Finding, { severity }: RuleSettings, { now, since, id }: Start): Step {
  const starts = [...idle.starts, now];
  const text = finding.text();
  const isStorm = starts.length >= STARTS_OF_STORM;
  const storm = ` (${starts.length} times within an hour; its end is reported after an hour without it)`;
  const running: Running = {
    id,
    severity,
    since,
    startText: text,
    text,
    messagedAt: now,
    ...(isStorm && { isStorm }),
    ...(finding.cell !== undefined && { cell: finding.cell }),
  };
  const track = { ...idle, starts, running };
  return { track, event: eventOf("start", track, running, { text: isStorm ? text + storm : text, now }) };
}

function advanceRunning(track: Track, running: Running, finding: Finding, settings: RuleSettings, now: number): Step {
  const { rightSince = now, ...wrong } = running;
  if (finding.state === "right") {
    const waitMs = running.isStorm ? Math.max(HOUR_MS, settings.endDelayMs) : settings.endDelayMs;
    if (now - rightSince < waitMs) return { track: { ...track, running: { ...wrong, rightSince } } };
    const { running: _, ...idle } = track;
    const text = `${finding.text()} (after ${durationText(rightSince - running.since)})`;
    return { track: idle, event: eventOf("end", track, running, { text, now, endedAt: rightSince }) };
  }
  const text = finding.text();
  const isDue = finding.state === "wrong" && settings.reminderMs > 0 && now - running.messagedAt >= settings.reminderMs;
  const next: Running = { ...wrong, text, messagedAt: isDue ? now : running.messagedAt };
  const step = { track: { ...track, running: next } };
  if (!isDue) return step;
  const reminder = `still ${text} (for ${durationText(now - running.since)})`;
  return { ...step, event: eventOf("reminder", track, next, { text: reminder, now }) };
}

interface EventDetails {
  readonly text: string;
  readonly now: number;
  readonly endedAt?: number;
}

function eventOf(
  kind: AlertEvent["kind"],
  track: Track,
  running: Running,
  { text, now, endedAt }: EventDetails,
): AlertEvent {
  const view = alertView(track, { ...running, text: running.startText });
  return {
    kind,
    alert: { ...view, ...(endedAt !== undefined && { endedAt }) },
    text: withMeter(track.meter, text),
    at: now,
  };
}

const withMeter = (meter: string | undefined, text: string) => (meter === undefined ? text : `${meter}: ${text}`);
