import { withCleanup } from "../measure/cleanup.ts";
import { addedMs, POLLERS } from "../measure/polls.ts";
import type { Answer, Bench, Question } from "../question.ts";
import { atMost, atMostTimes } from "../report/budget.ts";
import { median, quantile } from "../report/statistics.ts";
import { Tally } from "../report/tally.ts";

const SUBJECTS = ["agent", "peer"] as const;
/** Polls after a start that are not counted. */
const SETTLING = 5;

export const added: Question = {
  name: "added",
  title: "Time that an agent adds to a poll",
  async ask(bench) {
    const captured = await ask(bench, { about: "77 + 47 ms", intervalS: 0.2 });
    const instant = await ask(bench, { about: "instant answers", intervalS: 0.1, latencyMs: 0 });
    const [middle, tail] = captured;
    return {
      measures: [...captured, ...instant],
      budgets: [
        ...(middle ? atMost(middle, "agent", 1.5) : []),
        ...(tail ? atMost(tail, "agent", 4) : []),
        ...instant.flatMap((measure) => atMostTimes(measure, "agent", "peer", 1)),
      ],
      notes: [
        `${pollsOf(bench)} polls a run, over BlueZ, by the clock of the scripted battery: between its two answers, and from the last to the moment at which the agent's reading arrives at an aggregator or the peer prints its sample.`,
      ],
    };
  },
};

const pollsOf = ({ isQuick }: Bench) => (isQuick ? 20 : 100);

async function ask(
  bench: Bench,
  { about, ...options }: { readonly about: string; readonly intervalS: number; readonly latencyMs?: number },
): Promise<Answer["measures"]> {
  const [medians, tails] = [new Tally(), new Tally()];
  for (let run = 1; run <= bench.runs; run += 1) {
    for (const subject of SUBJECTS) {
      bench.progress(`run ${run} of ${bench.runs}: ${subject}, ${about}`);
      const values = await withCleanup(bench, async (inner) => {
        const polls = await POLLERS[subject](inner, options);
        const each: number[] = [];
        for (let i = -SETTLING; polls && i < pollsOf(bench); i += 1) {
          const ms = addedMs(await polls.next());
          if (i >= 0) each.push(ms);
        }
        return each;
      });
      if (values.length === 0) continue;
      medians.add(subject, median(values));
      tails.add(subject, quantile(values, 0.99));
    }
  }
  return [
    medians.measure(`Added to a poll of ${about}, median`, "ms", 2),
    tails.measure(`Added to a poll of ${about}, 99th percentile`, "ms", 2),
  ];
}
