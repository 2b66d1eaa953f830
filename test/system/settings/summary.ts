import type { Application } from "./application.ts";
import { violationsOf } from "./verdict.ts";

/** Figures of many applications. */
export interface Summary {
  readonly applications: number;
  /** Number of applications by their end. */
  readonly ends: Readonly<Record<string, number>>;
  /** Requests that were on the air. */
  readonly requests: number;
  /** Moments at which applications were interrupted, such as `writing 7`. */
  readonly moments: readonly string[];
  readonly failures: readonly Failure[];
}

export interface Failure {
  readonly number: number;
  readonly violations: readonly string[];
}

export function summaryOf(number: number, application: Application): Summary {
  const { plan, end, requests } = application;
  const violations = violationsOf(application);
  const { interruption } = plan;
  return {
    applications: 1,
    ends: { [end.kind]: 1 },
    requests: requests.length,
    moments: interruption.kind === "none" ? [] : [`${interruption.at.phase} ${interruption.at.requests}`],
    failures: violations.length > 0 ? [{ number, violations }] : [],
  };
}

export const NOTHING: Summary = { applications: 0, ends: {}, requests: 0, moments: [], failures: [] };

export function added(a: Summary, b: Summary): Summary {
  const kinds = new Set([...Object.keys(a.ends), ...Object.keys(b.ends)]);
  return {
    applications: a.applications + b.applications,
    ends: Object.fromEntries([...kinds].map((kind) => [kind, (a.ends[kind] ?? 0) + (b.ends[kind] ?? 0)])),
    requests: a.requests + b.requests,
    moments: [...new Set([...a.moments, ...b.moments])],
    failures: [...a.failures, ...b.failures],
  };
}

/** One line for people. */
export function formatSummary({ applications, ends, requests, moments, failures }: Summary): string {
  const counts = Object.entries(ends).map(([kind, count]) => `${count} ${kind}`);
  return `${applications} applications: ${counts.join(", ")}; interrupted at ${moments.length} moments; ${requests} requests on the air; ${failures.length} not as promised`;
}
