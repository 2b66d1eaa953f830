import { rmSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { feedEndpoint } from "../../../common/wire/endpoint.ts";
import { type Program, startProgram } from "../../../simulator/program.ts";
import { seededRandom } from "../../../simulator/random.ts";
import { usualDevices } from "../../../simulator/registry.ts";
import { type Answer, createSystem } from "../../integration/system.ts";
import { freePort } from "../../support/free-port.ts";
import type { CapturedRun } from "../../support/proof/captured.ts";
import type { ClockStep } from "../../support/proof/clock-steps.ts";
import type { Step } from "../../support/proof/schedule.ts";
import type { Stored } from "../../support/proof/stored.ts";
import type { TimelineEvent } from "../../support/proof/timeline.ts";
import type { Agent } from "../../support/proof/verdict.ts";
import { until } from "../../support/until.ts";
import { snippet } from "../telegraf/snippet.ts";
import { AGENT, startTelegraf, workFolder } from "../telegraf/telegraf.ts";
import { keepCaptures } from "./captures.ts";
import { createComponent, type Inject } from "./component.ts";
import { DATABASES } from "./database.ts";
import { createShiftedClock } from "./shifted-clock.ts";
import { mountSmallDisk, type SmallDisk } from "./small-disk.ts";
import { type KilledViewer, killViewer } from "./viewer.ts";

/** Flush window of the aggregator, in which a row may still be in Telegraf's memory, s. */
const SETTLE_S = 2;
const POLL_S = 0.2;
const JBD = 5;
const THORNWAVE = 3;

export interface EnvironmentOptions {
  readonly database: keyof typeof DATABASES;
  readonly seed: string;
  /** Starts a defective aggregator; the real one where it is absent. */
  readonly startAggregator?: (endpoint: string, socket: string) => Promise<Program>;
}

/** The whole system as real processes, with a database at its end. */
export interface Environment {
  readonly agents: readonly Agent[];
  readonly disk: SmallDisk | undefined;
  /** All changes of state so far. */
  readonly timeline: readonly TimelineEvent[];
  /** Processes that ended by themselves, or did not end after SIGTERM. */
  readonly failures: readonly string[];
  /** Injects the faults of a step. Resolves when every component works again. */
  perform(step: Step): Promise<void>;
  /** Steps the wall clock of the agents by this many ms. */
  stepClock(byMs: number): void;
  /** All steps so far. */
  readonly clockSteps: readonly ClockStep[];
  /** Waits until the database has a new row of each meter. Resolves with the time that took, ms. */
  recovered(): Promise<number>;
  /** Stops everything in the order in which no reading is lost, and reads what is stored. */
  close(): Promise<{
    readonly answers: readonly Answer[];
    /** Captured runs by meter. */
    readonly captured: ReadonlyMap<string, readonly CapturedRun[]>;
    readonly stored: readonly Stored[];
    /** Rows stored more than once; undefined where the database cannot report it. */
    readonly repeated: number | undefined;
    readonly viewerKills: KilledViewer["kills"];
  }>;
}

/** Starts everything and waits until it works. */
export async function startEnvironment(t: TestContext, options: EnvironmentOptions): Promise<Environment> {
  const folder = workFolder();
  const socket = join(folder, "bms.sock");
  const clock = createShiftedClock(folder);
  const system = createSystem(t, { agentEnv: clock.env });
  const { section, address, open } = DATABASES[options.database];
  const location = { folder, port: await freePort() };
  let database = await open(t, location);
  const timeline: TimelineEvent[] = [];
  const failures: string[] = [];
  const deps = {
    onEvent: (event: TimelineEvent) => void timeline.push(event),
    onFailure: (text: string) => void failures.push(text),
  };

  const configuration = snippet("battery.conf", {
    uncomment: [section],
    replace: { "unix:///run/telegraf/bms.sock": `unix://${socket}`, [address]: database.url },
  });
  const restartTelegraf = () => {
    rmSync(socket, { force: true });
    return startTelegraf(t, folder, AGENT + configuration);
  };
  const telegraf = createComponent("telegraf", restartTelegraf, deps);
  const startAggregator = () =>
    options.startAggregator?.(system.endpoint, socket) ??
    system.startAggregator("--output", `unix://${socket}`, "--settle", `${SETTLE_S}`);
  const aggregator = createComponent("aggregator", startAggregator, deps);

  const captures = keepCaptures(folder);
  const disk = mountSmallDisk(t);
  const agents = usualDevices({ jbd: JBD, thornwave: THORNWAVE }).map(({ address: device }, i) => {
    const meter = `m${i + 1}`;
    const spool = i === 0 && disk ? disk.folder : join(folder, meter);
    const common = ["-i", `${POLL_S}`, "--spool", spool, ...(i % 2 === 1 ? ["--spool-when", "always"] : [])];
    const startAgent = async () => system.startAgent(meter, device, ...common, "--capture", captures.nextFile(meter));
    return { meter, device, component: createComponent(meter, startAgent, deps) };
  });

  const injectors = new Map<string, Inject>([
    ["telegraf", telegraf.inject],
    ["aggregator", aggregator.inject],
    [
      "database",
      async ({ forMs }) => {
        await database.stop();
        await sleep(forMs);
        database = await open(t, location);
      },
    ],
    [
      "disk",
      async ({ forMs }) => {
        disk?.fill();
        await sleep(forMs);
        disk?.free();
      },
    ],
  ]);
  for (const { meter, component } of agents) injectors.set(meter, component.inject);

  async function recovered() {
    const [from, to] = clock.newTimes();
    const startedAt = performance.now();
    await until(
      "every meter has a new row in the database",
      async () => (await database.metersBetween(from, to)).size === agents.length,
      120_000,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; the last log lines:\n${system.lastLines()}`, { cause: error });
    });
    return performance.now() - startedAt;
  }

  const devices = ["--jbd", `${JBD}`, "--thornwave", `${THORNWAVE}`];
  await system.startSimulator(...devices, "--seed", options.seed, "--latency", "10");
  await telegraf.start();
  await aggregator.start();
  for (const { component } of agents) await component.start();
  const history = join(folder, "history");
  const viewerOptions = ["--http", "127.0.0.1:0", "--feed", feedEndpoint(system.endpoint), "--history", history];
  const startViewer = () => startProgram("bms-viewer", [...viewerOptions, "--alerts", "/dev/null"]);
  const viewer = await killViewer(startViewer, seededRandom(options.seed, "viewer"), deps.onFailure);
  t.after(viewer.stop);
  await recovered();
  return {
    agents,
    disk,
    timeline,
    failures,
    recovered,
    stepClock: clock.step,
    clockSteps: clock.steps,
    async perform({ faults }) {
      await Promise.all(
        faults.map(async ({ component, afterMs, ...fault }) => {
          await sleep(afterMs);
          await injectors.get(component)?.(fault);
        }),
      );
    },
    async close() {
      await Promise.all(agents.map(({ component }) => component.stop()));
      // A stopped agent keeps unsettled readings on disk for its next run. None follows here, so wait until all are settled.
      await sleep(SETTLE_S * 1000);
      await viewer.stop();
      await aggregator.stop();
      await telegraf.stop();
      return {
        answers: system.answers(),
        captured: await captures.read(timeline),
        stored: await database.rows(),
        repeated: await database.repeated(),
        viewerKills: viewer.kills,
      };
    },
  };
}
