// Agents and the programs beside which they are measured, all of one age.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "../../../simulator/program.ts";
import type { Bench, Series } from "../question.ts";
import { withCleanup } from "./cleanup.ts";
import { addressOf, startPackRadio } from "./pack.ts";
import { type Memory, memoryOf, type Usage, usageOf } from "./process.ts";
import { buildBaseline } from "./programs.ts";
import { start, startAgent, startAggregator, startNaiveAgent, startPeer, startSimulator } from "./subjects.ts";

/** Processes of each kind. */
export const FLEET_SIZE = 4;

/** How the programs reach their devices; the last of them is simulated within its own process. */
export type FleetLink = "over BlueZ" | "over a simulated link";
export const FLEET_LINKS: readonly FleetLink[] = ["over BlueZ", "over a simulated link"];

/** State of a process at one age. */
export type Snapshot = Usage & Memory;

/** Figures of one kind of process, by run and age: the mean of its processes, or each of them as a run. */
export interface FleetFigures {
  readonly subject: string;
  readonly link: FleetLink;
  readonly runs: readonly (readonly Snapshot[])[];
}

export interface FleetOptions {
  /** Seconds between two polls. */
  readonly intervalS: number;
  /** Ages at which the processes are looked at, s. */
  readonly agesS: readonly number[];
  /** The devices are out of range. */
  readonly away?: boolean;
  /** Instead of several runs, each process of one run counts as a run. */
  readonly isOneRun?: boolean;
}

interface Kind {
  readonly subject: string;
  readonly link: FleetLink;
  readonly programs: readonly Program[];
}

/** Starts all kinds at once and looks at them at the same moments, once per run. */
export async function measureFleet(bench: Bench, options: FleetOptions): Promise<FleetFigures[]> {
  const runs: (readonly FleetFigures[])[] = [];
  const count = options.isOneRun ? 1 : bench.runs;
  for (let run = 1; run <= count; run += 1) {
    bench.progress(`run ${run} of ${count}, ${options.agesS.at(-1)} s`);
    runs.push(await withCleanup(bench, (inner) => measureOnce(inner, options)));
  }
  return (runs[0] ?? []).map(({ subject, link }, at) => ({
    subject,
    link,
    runs: runs.flatMap((run) => run[at]?.runs ?? []),
  }));
}

async function measureOnce(bench: Bench, options: FleetOptions): Promise<FleetFigures[]> {
  const kinds = await startFleet(bench, options);
  const begin = performance.now();
  /** By age, kind and process. */
  const looks: Snapshot[][][] = [];
  for (const ageS of options.agesS) {
    await sleep(begin + ageS * 1000 - performance.now());
    looks.push(kinds.map(({ programs }) => programs.map(snapshotOf)));
  }
  return kinds.map(({ subject, link, programs }, at) => ({
    subject,
    link,
    runs: options.isOneRun
      ? programs.map((_, process) => looks.flatMap((look) => look[at]?.[process] ?? []))
      : [looks.map((look) => meanOf(look[at] ?? []))],
  }));
}

async function startFleet(bench: Bench, { intervalS: interval, away = false }: FleetOptions): Promise<Kind[]> {
  const endpoint = `ipc://${join(bench.folder, "readings.sock")}`;
  const naiveEndpoint = `ipc://${join(bench.folder, "naive.sock")}`;
  const radio = await startPackRadio(bench);
  // A device out of range is one that was never there.
  const onBluez = Array.from({ length: 2 * FLEET_SIZE }, (_, n) =>
    away ? addressOf(100 + n) : radio.addPack().address,
  );
  const simulator = await startSimulator(bench, away ? 1 : FLEET_SIZE);
  await startAggregator(bench, endpoint);
  const naive = start(bench, bench.programs.node, [buildBaseline("naive-aggregator"), "--endpoint", naiveEndpoint]);
  await naive.logged(/listening/);
  const naiveAgent = buildBaseline("naive-agent");
  const common = { endpoint, interval };
  const [bluez, simulated] = FLEET_LINKS as [FleetLink, FleetLink];
  const kinds: readonly (readonly [string, FleetLink, (n: number) => Program | undefined])[] = [
    ["agent", bluez, (n) => startAgent(bench, { radio }, { ...common, meter: `b${n}`, address: onBluez[n] ?? "" })],
    ["peer", bluez, (n) => startPeer(bench, { radio, address: onBluez[FLEET_SIZE + n] ?? "", interval })],
    [
      "agent",
      simulated,
      (n) => startAgent(bench, { simulator }, { ...common, meter: `s${n}`, address: addressOf((away ? 100 : 1) + n) }),
    ],
    // Its simulated link is never out of range.
    ["peer", simulated, () => (away ? undefined : startPeer(bench, { address: addressOf(1), interval }))],
    ["bare", simulated, () => start(bench, bench.programs.node, ["-e", "setInterval(() => {}, 2 ** 31 - 1)"])],
    ["naive", simulated, () => startNaiveAgent(bench, naiveAgent, { endpoint: naiveEndpoint, interval, away })],
  ];
  return kinds
    .map(([subject, link, begin]) => ({
      subject,
      link,
      programs: Array.from({ length: FLEET_SIZE }, (_, n) => begin(n)).filter((program) => program !== undefined),
    }))
    .filter(({ programs }) => programs.length > 0);
}

const snapshotOf = ({ pid }: Program): Snapshot => ({ ...usageOf(pid), ...memoryOf(pid) });

function meanOf(snapshots: readonly Snapshot[]): Snapshot {
  const mean = (key: keyof Snapshot) => snapshots.reduce((sum, each) => sum + each[key], 0) / snapshots.length;
  return {
    cpuMs: mean("cpuMs"),
    switches: mean("switches"),
    privateDirty: mean("privateDirty"),
    proportional: mean("proportional"),
  };
}

/** The series of a link, from the snapshots of each run. */
export function seriesOf(
  figures: readonly FleetFigures[],
  link: FleetLink,
  figureOf: (snapshots: readonly Snapshot[]) => number,
): Series[] {
  return figures
    .filter((each) => each.link === link)
    .map(({ subject, runs }) => ({ subject, values: runs.map(figureOf) }));
}

/** The growth of a number from the first snapshot to the last. */
export function growth(snapshots: readonly Snapshot[], key: keyof Usage): number {
  return (snapshots.at(-1)?.[key] ?? Number.NaN) - (snapshots[0]?.[key] ?? Number.NaN);
}
