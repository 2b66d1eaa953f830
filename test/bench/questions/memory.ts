import { FLEET_LINKS, FLEET_SIZE, measureFleet, seriesOf } from "../measure/fleet.ts";
import type { Measure, Question } from "../question.ts";
import { atMostTimes } from "../report/budget.ts";

export const memory: Question = {
  name: "memory",
  title: "Private memory of an agent",
  isSturdy: true,
  async ask(bench) {
    const agesS = bench.isQuick ? [10] : [60, 600];
    const figures = await measureFleet(bench, { intervalS: 1, agesS, isOneRun: true });
    const measures = agesS.map(
      (ageS, at): Measure => ({
        what: `Private dirty memory at ${ageS} s of age`,
        unit: "MB",
        decimals: 1,
        series: FLEET_LINKS.flatMap((link) =>
          seriesOf(figures, link, (snapshots) => (snapshots[at]?.privateDirty ?? Number.NaN) / 1e6).map((series) => ({
            ...series,
            subject: /naive|bare/.test(series.subject) ? series.subject : `${series.subject} ${link}`,
          })),
        ),
      }),
    );
    return {
      measures,
      budgets: measures.flatMap((measure) =>
        FLEET_LINKS.flatMap((link) => [
          ...atMostTimes(measure, `agent ${link}`, "naive", 1),
          ...atMostTimes(measure, `agent ${link}`, `peer ${link}`, 0.5),
        ]),
      ),
      notes: [`One poll a second; ${FLEET_SIZE} processes of each kind, all at once.`],
    };
  },
};
