import { join } from "node:path";
import { withCleanup } from "../measure/cleanup.ts";
import { startPackRadio } from "../measure/pack.ts";
import { listenForRows, type Row } from "../measure/row-sink.ts";
import { startSender } from "../measure/sender.ts";
import { startAgent, startAggregator } from "../measure/subjects.ts";
import type { Bench, Question } from "../question.ts";
import { atMost } from "../report/budget.ts";
import { median, quantile } from "../report/statistics.ts";
import { Tally } from "../report/tally.ts";

const METER = "observed";
const INTERVAL_S = 0.2;
/** Agents and readings a second of the load. */
const LOAD = { agents: 8, perSecond: 1_000 };
/** Polls after a start that are not counted. */
const SETTLING = 5;

export const latency: Question = {
  name: "latency",
  title: "From the last byte of a poll to Telegraf's socket",
  async ask(bench) {
    const [medians, tails] = [new Tally(), new Tally()];
    const polls = bench.isQuick ? 20 : 100;
    for (let run = 1; run <= bench.runs; run += 1) {
      for (const [about, isLoaded] of [
        ["calm", false],
        [`${LOAD.perSecond} readings a second`, true],
      ] as const) {
        bench.progress(`run ${run} of ${bench.runs}: ${about}`);
        const values = await withCleanup(bench, (inner) => measure(inner, polls, isLoaded));
        medians.add(about, median(values));
        tails.add(about, quantile(values, 0.99));
      }
    }
    const [middle, tail] = [medians.measure("Median", "ms", 2), tails.measure("99th percentile", "ms", 2)];
    return {
      measures: [middle, tail],
      budgets: [...atMost(middle, "calm", 2), ...atMost(tail, `${LOAD.perSecond} readings a second`, 20)],
      notes: [
        `${polls} polls a run of one agent over BlueZ, through an aggregator, both as their units start them, to a unix stream that is read at once. The load is ${LOAD.agents} further agents.`,
      ],
    };
  },
};

async function measure(bench: Bench, polls: number, isLoaded: boolean): Promise<number[]> {
  const endpoint = `ipc://${join(bench.folder, "readings.sock")}`;
  const output = join(bench.folder, "rows.sock");
  const radio = await startPackRadio(bench);
  const pack = radio.addPack();
  const values: number[] = [];
  await new Promise<void>((resolve, reject) => {
    const onRow = ({ meter }: Row, at: number) => {
      const answeredAt = pack.exchanges.at(-1)?.answeredAt;
      if (meter === METER && answeredAt !== undefined) values.push(at - answeredAt);
      if (values.length >= polls + SETTLING) resolve();
    };
    const begin = async () => {
      await listenForRows(bench, output, { onRow });
      await startAggregator(bench, endpoint, ["--output", `unix://${output}`]);
      if (isLoaded) {
        const { agents, perSecond } = LOAD;
        (await startSender(bench, { endpoint, agents, columns: 49, readings: 1e9, perSecond })).begin();
      }
      startAgent(bench, { radio }, { meter: METER, address: pack.address, endpoint, interval: INTERVAL_S });
    };
    begin().catch(reject);
  });
  return values.slice(SETTLING);
}
