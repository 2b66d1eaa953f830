import { join } from "node:path";
import type { Program } from "../../../simulator/program.ts";
import { withCleanup } from "../measure/cleanup.ts";
import { collect } from "../measure/collector.ts";
import { deferred } from "../measure/deferred.ts";
import { addressOf, startPackRadio } from "../measure/pack.ts";
import { startAgent, startPeer, start as startProgram, startSimulator } from "../measure/subjects.ts";
import type { Bench, Measure, Question } from "../question.ts";
import { atMostTimes } from "../report/budget.ts";

/** Starts a program, and resolves with the ms until it has shown its first reading; undefined where it is not here. */
type Starter = (bench: Bench) => Promise<number | undefined>;

export const start: Question = {
  name: "start",
  title: "Start of an agent to its first acknowledged reading",
  async ask(bench) {
    const times = bench.isQuick ? 3 : 15;
    const links = [
      { link: "over BlueZ", agent: agentOverBluez, peer: peerOverBluez },
      { link: "over a simulated link", agent: agentOverLink, peer: peerOverLink },
    ];
    const measures: Measure[] = [];
    for (const { link, agent, peer } of links) {
      const series = [
        { subject: "agent", begin: agent, values: [] as number[] },
        { subject: "peer", begin: peer, values: [] as number[] },
        { subject: "bare", begin: bare, values: [] as number[] },
      ];
      for (let i = 0; i < times; i += 1) {
        bench.progress(`${link}, ${i + 1} of ${times}`);
        for (const { begin, values } of series) {
          const ms = await withCleanup(bench, begin);
          if (ms !== undefined) values.push(ms);
        }
      }
      measures.push({ what: `Start ${link}, device answers at once`, unit: "ms", decimals: 0, series });
    }
    return {
      measures,
      budgets: measures.flatMap((measure) => atMostTimes(measure, "agent", "peer", 0.7)),
      notes: [
        `${times} starts of each, alternately. An agent has started when its first reading is acknowledged, the peer when it prints its first sample, bare (node -e 0) when it has ended.`,
      ],
    };
  },
};

const agentOverBluez: Starter = async (bench) => {
  const radio = await startPackRadio(bench);
  return agent(bench, { radio }, radio.addPack(0).address);
};
const agentOverLink: Starter = async (bench) =>
  agent(bench, { simulator: await startSimulator(bench, 1, 0) }, addressOf(1));

async function agent(bench: Bench, link: Parameters<typeof startAgent>[1], address: string): Promise<number> {
  const endpoint = `ipc://${join(bench.folder, "readings.sock")}`;
  const first = deferred<number>();
  await collect(bench, endpoint, ({ reading }) => {
    if (reading.sample.online === 1) first.resolve(performance.now());
  });
  const begin = performance.now();
  const program = startAgent(bench, link, { meter: "start", address, endpoint, interval: 10 });
  return (await orEnded(first.promise, program)) - begin;
}

const peerOverBluez: Starter = async (bench) => {
  const radio = await startPackRadio(bench);
  const { address } = radio.addPack(0);
  return firstLine((onLine) => startPeer(bench, { radio, address, interval: 10, onLine }));
};
const peerOverLink: Starter = (bench) =>
  firstLine((onLine) => startPeer(bench, { address: addressOf(1), interval: 10, latencyMs: 0, onLine }));

async function firstLine(begin: (onLine: () => void) => Program | undefined): Promise<number | undefined> {
  const first = deferred<number>();
  const beganAt = performance.now();
  const program = begin(() => first.resolve(performance.now()));
  return program && (await orEnded(first.promise, program)) - beganAt;
}

const bare: Starter = async (bench) => {
  const beganAt = performance.now();
  await startProgram(bench, bench.programs.node, ["-e", "0"]).ended;
  return performance.now() - beganAt;
};

function orEnded<T>(wanted: Promise<T>, program: Program): Promise<T> {
  return Promise.race([
    wanted,
    program.ended.then(() => {
      throw new Error(`it ended before its first reading:\n${program.stderr.join("\n")}`);
    }),
  ]);
}
