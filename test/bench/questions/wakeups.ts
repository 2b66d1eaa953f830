import { FLEET_LINKS, FLEET_SIZE, growth, measureFleet, seriesOf } from "../measure/fleet.ts";
import type { Bench, Measure, Question } from "../question.ts";
import { atMost } from "../report/budget.ts";

const INTERVAL_S = 10;

export const wakeups: Question = {
  name: "wakeups",
  title: "Wake-ups of an agent",
  async ask(bench) {
    const [polling, away] = [await switches(bench, false), await switches(bench, true)];
    const ofAgent = (measures: readonly Measure[], limit: number) =>
      measures.flatMap((measure) => atMost(measure, "agent", limit));
    return {
      measures: [...polling, ...away],
      budgets: [...ofAgent(polling, 1), ...ofAgent(away, 30)],
      notes: [
        `Voluntary context switches of all threads, from ${ages(bench)[0]} to ${ages(bench)[1]} s of age, of ${FLEET_SIZE} processes of each kind. The peer looks for its device without a pause; its simulated link is never out of range. Behind the agent's simulated link another device advertises.`,
      ],
    };
  },
};

const ages = ({ isQuick }: Bench) => (isQuick ? ([3, 13] as const) : ([20, 80] as const));

async function switches(bench: Bench, away: boolean): Promise<Measure[]> {
  const [from, to] = ages(bench);
  const figures = await measureFleet(bench, { intervalS: INTERVAL_S, agesS: [from, to], away, isOneRun: true });
  const perSeconds = away ? 60 : 1;
  return FLEET_LINKS.map((link) => ({
    what: away ? `Idle with a device away, ${link}` : `One poll in ${INTERVAL_S} s ${link}`,
    unit: away ? "a minute" : "a second",
    decimals: away ? 0 : 2,
    series: seriesOf(figures, link, (snapshots) => (growth(snapshots, "switches") * perSeconds) / (to - from)),
  }));
}
