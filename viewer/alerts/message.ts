import type { Severity } from "./rule.ts";
import type { AlertEvent } from "./track.ts";

/** A message to people, ready to be formatted for any target. Plain data: it waits on the disk. */
export interface Message {
  /** The same for every attempt to send it. */
  readonly id: string;
  readonly event: "start" | "reminder" | "end" | "test" | "dropped";
  readonly title: string;
  readonly text: string;
  readonly severity: Severity;
  /** ms since the Unix epoch. */
  readonly at: number;
  /** Absent for messages that are about no alert. */
  readonly alert?: {
    readonly id: string;
    readonly rule: string;
    readonly meter?: string;
    readonly since: number;
    readonly endedAt?: number;
  };
}

const TITLES = {
  start: { alarm: "Alarm", warning: "Warning" },
  reminder: { alarm: "Alarm", warning: "Warning" },
} as const;

export function messageOf({ kind, alert, text, at }: AlertEvent): Message {
  const { id, rule, meter, severity, since, endedAt } = alert;
  const word = kind === "end" ? "Ended" : TITLES[kind][severity];
  return {
    // A reminder's number is its time: there may be many.
    id: kind === "reminder" ? `${id}-${kind}-${at.toString(36)}` : `${id}-${kind}`,
    event: kind,
    title: meter === undefined ? word : `${word}: ${meter}`,
    text,
    severity,
    at,
    alert: { id, rule, since, ...(meter !== undefined && { meter }), ...(endedAt !== undefined && { endedAt }) },
  };
}

export function testMessage(at: number): Message {
  return {
    id: `test-${at.toString(36)}`,
    event: "test",
    title: "Test",
    text: "This is a test of bmsctl alerts: messages about the batteries arrive here.",
    severity: "warning",
    at,
  };
}
