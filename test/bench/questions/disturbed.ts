import { withCleanup } from "../measure/cleanup.ts";
import type { Disturbance } from "../measure/pack.ts";
import { POLLERS, tookMs } from "../measure/polls.ts";
import type { Question } from "../question.ts";
import { atMost } from "../report/budget.ts";
import { Tally } from "../report/tally.ts";

/** Fate of the first answer of a poll. */
const DISTURBANCES: Readonly<Record<string, Disturbance>> = {
  "first request lost": () => [],
  "a piece lost": (pieces) => pieces.toSpliced(1, 1),
  "a bit flipped": (pieces) => pieces.map((piece, i) => (i === 1 ? piece.with(5, (piece[5] ?? 0) ^ 4) : piece)),
  "each piece doubled": (pieces) => pieces.flatMap((piece) => [piece, piece]),
  "a stray byte": (pieces) => [Uint8Array.of(0x55), ...pieces],
};
const SUBJECTS = ["agent", "peer"] as const;
/** 0.75 of the time after which the peer repeats a request, 714 ms. */
const LIMIT_MS = 535;
/** Longer than a disturbed poll takes. */
const INTERVAL_S = 1.5;

export const disturbed: Question = {
  name: "disturbed",
  title: "A disturbed poll",
  isSlow: true,
  async ask(bench) {
    const times = bench.isQuick ? 1 : 5;
    const tallies = Object.keys(DISTURBANCES).map((name) => ({ name, tally: new Tally() }));
    for (const subject of SUBJECTS) {
      bench.progress(`${subject}, ${times} of each`);
      await withCleanup(bench, async (inner) => {
        const polls = await POLLERS[subject](inner, { intervalS: INTERVAL_S });
        await polls?.next();
        for (const { name, tally } of tallies) {
          for (let i = 0; polls && i < times; i += 1) {
            const undisturbed = tookMs(await polls.next());
            tally.add(subject, tookMs(await polls.next(once(DISTURBANCES[name]))) - undisturbed);
          }
        }
      });
    }
    const measures = tallies.map(({ name, tally }) => tally.measure(`Delay of a poll, ${name}`, "ms", 0));
    return {
      measures,
      budgets: measures.flatMap((measure) => atMost(measure, "agent", LIMIT_MS)),
      notes: [
        `The answer to the first request is disturbed once; the delay is the time until the sample less that of the poll before, which was not disturbed. ${times} of each, over BlueZ, with answers after 77 and 47 ms.`,
      ],
    };
  },
};

/** Disturbs the first answer and leaves the others. */
function once(disturb: Disturbance = (pieces) => pieces): Disturbance {
  let isDone = false;
  return (pieces, register) => {
    if (isDone) return pieces;
    isDone = true;
    return disturb(pieces, register);
  };
}
