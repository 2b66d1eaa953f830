import type { TimelineEvent } from "./timeline.ts";
import type { Verdict, Violation } from "./verdict.ts";

/** Figures of a run besides its verdict. */
export interface Figures {
  readonly seed: string;
  readonly seconds: number;
  readonly steps: number;
  /** Number of injected faults by kind and component. */
  readonly faults: ReadonlyMap<string, number>;
  /** Rows stored more than once; undefined where the database cannot report it. */
  readonly repeated: number | undefined;
  /** Times to recover, ms. */
  readonly recoveries: readonly number[];
}

/** The verdict as lines of text. */
export function reportOf(verdict: Verdict, figures: Figures): string[] {
  const { taken, delivered, absences, inFlight, expired, timesOffMs, violations } = verdict;
  const { seed, seconds, steps, faults, repeated, recoveries } = figures;
  const sorted = [...recoveries].sort((a, b) => a - b);
  const inSeconds = (ms: number | undefined) => (ms === undefined ? "-" : `${(ms / 1000).toFixed(1)} s`);
  return [
    `seed ${seed}: ${steps} steps in ${seconds.toFixed(0)} s: ${[...faults].map(([fault, count]) => `${count} ${fault}`).join(", ")}`,
    `taken ${taken}, delivered ${delivered}, rows of absence ${absences}, stored more than once ${repeated ?? "unknown"}`,
    `lost ${taken - delivered}: ${inFlight} in flight in a killed agent, ${taken - delivered - inFlight} unexplained`,
    ...(expired > 0 ? [`not taken: ${expired} answers that came in an agent frozen for longer than it waits`] : []),
    `time of a row and of its answer: 99 % within ${shareOf(timesOffMs, 0.99)} ms, all within ${shareOf(timesOffMs, 1)} ms`,
    `time to recover: median ${inSeconds(sorted[Math.floor(sorted.length / 2)])}, worst ${inSeconds(sorted.at(-1))}, of ${sorted.length}`,
    `violations: ${violations.length}`,
  ];
}

/** The number that this share of the sorted numbers does not exceed. */
export function shareOf(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** Events this close to a violation are shown with it, ms. */
const AROUND_MS = 15_000;

/** A violation with the events of its agent and of the shared components around it. */
export function explainViolation({ meter, time, what }: Violation, timeline: readonly TimelineEvent[]): string {
  const near = timeline.filter(
    ({ at, component }) => Math.abs(at - time) < AROUND_MS && (component === meter || !/^m\d+$/.test(component)),
  );
  const relative = (at: number) => `${at < time ? "" : "+"}${((at - time) / 1000).toFixed(2)}`;
  return [
    `${meter} ${time}: ${what}`,
    ...near.map(({ at, component, what }) => `  ${relative(at)} s ${component} ${what}`),
  ].join("\n");
}
