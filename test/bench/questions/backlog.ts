import { join } from "node:path";
import { withCleanup } from "../measure/cleanup.ts";
import { drain } from "../measure/drain.ts";
import { startPackRadio } from "../measure/pack.ts";
import { listenForRows, type Row } from "../measure/row-sink.ts";
import { startSender } from "../measure/sender.ts";
import { startAgent, startAggregator } from "../measure/subjects.ts";
import { JIT_VARIANTS } from "../measure/unit.ts";
import type { Bench, Question } from "../question.ts";
import { atLeastTimes, atMost } from "../report/budget.ts";
import { quantile } from "../report/statistics.ts";
import { Tally } from "../report/tally.ts";

/** A day at one reading in 10 s. */
const READINGS_A_DAY = 8_640;
const AGENTS = 8;
const COLUMNS = 49;
const METER = "ninth";
const INTERVAL_S = 0.2;
const ALONE = "backlog alone";
const BESIDE = "beside a ninth agent";

export const backlog: Question = {
  name: "backlog",
  title: "A day's backlog while another agent polls",
  isSlow: true,
  async ask(bench) {
    const readings = AGENTS * (bench.isQuick ? 1_600 : READINGS_A_DAY);
    const [rates, tails] = [new Tally(), new Tally()];
    for (let run = 1; run <= bench.runs; run += 1) {
      bench.progress(`run ${run} of ${bench.runs}: ${readings} readings of ${AGENTS} agents`);
      const options = { flags: JIT_VARIANTS.shipped.flags };
      const load = { readings, agents: AGENTS, columns: COLUMNS };
      rates.add(ALONE, (await withCleanup(bench, (inner) => drain(inner, load, options))).rate.perSecond);
      const { perSecond, latencies } = await withCleanup(bench, (inner) => besideAgent(inner, readings));
      rates.add(BESIDE, perSecond);
      if (latencies.length > 0) tails.add(METER, quantile(latencies, 0.99));
    }
    const rate = rates.measure("Readings a second of the backlog", "a second", 0);
    const tail = tails.measure("From the last byte of its poll to Telegraf's socket, 99th percentile", "ms", 0);
    return {
      measures: [rate, tail],
      budgets: [...atLeastTimes(rate, BESIDE, ALONE, 0.8), ...atMost(tail, METER, 250)],
      notes: [
        `${readings} readings of ${COLUMNS} columns. The ninth agent polls over BlueZ every ${INTERVAL_S * 1000} ms; its polls from the first to the last row of the backlog count.`,
      ],
    };
  },
};

async function besideAgent(bench: Bench, readings: number) {
  const endpoint = `ipc://${join(bench.folder, "readings.sock")}`;
  const output = join(bench.folder, "rows.sock");
  const radio = await startPackRadio(bench);
  const pack = radio.addPack();
  const latencies: number[] = [];
  let live = 0;
  let begin: number | undefined;
  const onRow = ({ meter }: Row, at: number) => {
    if (meter !== METER) return;
    live += 1;
    const answeredAt = pack.exchanges.at(-1)?.answeredAt;
    if (begin !== undefined && answeredAt !== undefined) latencies.push(at - answeredAt);
  };
  const sink = await listenForRows(bench, output, { onRow });
  await startAggregator(bench, endpoint, ["--output", `unix://${output}`]);
  const sender = await startSender(bench, { endpoint, agents: AGENTS, readings, columns: COLUMNS });
  startAgent(bench, { radio }, { meter: METER, address: pack.address, endpoint, interval: INTERVAL_S });
  await sink.received(5);
  begin = performance.now();
  sender.begin();
  const before = live;
  while (sink.rows - live < readings) await sink.received(readings + live + 1);
  return { perSecond: (readings * 1000) / (sink.latestAt - begin), latencies, before };
}
