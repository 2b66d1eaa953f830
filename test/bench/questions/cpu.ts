import { FLEET_LINKS, FLEET_SIZE, growth, measureFleet, seriesOf } from "../measure/fleet.ts";
import type { Measure, Question } from "../question.ts";
import { atMostTimes } from "../report/budget.ts";

export const cpu: Question = {
  name: "cpu",
  title: "Processor time of an agent",
  async ask(bench) {
    const [from, to] = bench.isQuick ? [4, 14] : [20, 60];
    const figures = await measureFleet(bench, { intervalS: 1, agesS: [from, to], isOneRun: true });
    const measures = FLEET_LINKS.map(
      (link): Measure => ({
        what: `Processor time per 1,000 polls ${link}`,
        unit: "s",
        decimals: 2,
        // One poll a second: a ms in a poll is a second in 1,000.
        series: seriesOf(figures, link, (snapshots) => growth(snapshots, "cpuMs") / (to - from)),
      }),
    );
    return {
      measures,
      budgets: measures.flatMap((measure) => atMostTimes(measure, "agent", "peer", 1)),
      notes: [
        `One poll of two requests a second, from ${from} to ${to} s of age; ${FLEET_SIZE} processes of each kind, all at once.`,
      ],
    };
  },
};
