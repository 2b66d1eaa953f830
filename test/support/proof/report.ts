import type { Incident } from "./story.ts";
import type { Fault, Verdict } from "./verdict.ts";

/** What a run adds up to besides its verdict. */
export interface Figures {
  readonly seed: string;
  readonly seconds: number;
  readonly acts: number;
  /** Blows by what was done to whom. */
  readonly blows: ReadonlyMap<string, number>;
  /** Undefined where the database cannot tell. */
  readonly repeated: number | undefined;
  /** Times to recover, ms. */
  readonly recoveries: readonly number[];
}

/** The verdict for people, line by line. */
export function reportOf(verdict: Verdict, figures: Figures): string[] {
  const { taken, delivered, absences, inTheHand, unsettled, faults } = verdict;
  const { seed, seconds, acts, blows, repeated, recoveries } = figures;
  const sorted = [...recoveries].sort((a, b) => a - b);
  const inSeconds = (ms: number | undefined) => (ms === undefined ? "-" : `${(ms / 1000).toFixed(1)} s`);
  return [
    `seed ${seed}: ${acts} acts in ${seconds.toFixed(0)} s: ${[...blows].map(([blow, count]) => `${count} ${blow}`).join(", ")}`,
    `taken ${taken}, delivered ${delivered}, rows of absence ${absences}, stored more than once ${repeated ?? "unknown"}`,
    `lost ${taken - delivered}: ${inTheHand} in the hand of a killed agent, ${unsettled} unsettled, ${taken - delivered - inTheHand - unsettled} unexplained`,
    `time to recover: median ${inSeconds(sorted[Math.floor(sorted.length / 2)])}, worst ${inSeconds(sorted.at(-1))}, of ${sorted.length}`,
    `faults: ${faults.length}`,
  ];
}

/** How far a fault is looked at, ms. */
const AROUND_MS = 15_000;

/** A fault with what had happened around it to its agent and to whatever serves all of them. */
export function explainFault({ meter, time, what }: Fault, story: readonly Incident[]): string {
  const near = story.filter(({ at, who }) => Math.abs(at - time) < AROUND_MS && (who === meter || !/^m\d+$/.test(who)));
  const relative = (at: number) => `${at < time ? "" : "+"}${((at - time) / 1000).toFixed(2)}`;
  return [`${meter} ${time}: ${what}`, ...near.map(({ at, who, what }) => `  ${relative(at)} s ${who} ${what}`)].join(
    "\n",
  );
}
