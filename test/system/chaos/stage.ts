import { rmSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "../../../simulator/program.ts";
import { usualDevices } from "../../../simulator/simulator.ts";
import { type Answer, createSystem } from "../../integration/system.ts";
import type { CapturedRun } from "../../support/proof/captured.ts";
import type { Act } from "../../support/proof/course.ts";
import type { Incident } from "../../support/proof/story.ts";
import type { Agent, Stored } from "../../support/proof/verdict.ts";
import { until } from "../../support/until.ts";
import { freePort } from "../telegraf/server.ts";
import { snippet } from "../telegraf/snippet.ts";
import { AGENT, startTelegraf, workFolder } from "../telegraf/telegraf.ts";
import { keepCaptures } from "./captures.ts";
import { DATABASES } from "./database.ts";
import { createPart, type Part } from "./part.ts";
import { mountSmallDisk, type SmallDisk } from "./small-disk.ts";

/** The window in which a row may still be on its way from Telegraf's memory to the database, s. */
export const SETTLE_S = 2;
const POLL_S = 0.2;
const JBD = 5;
const THORNWAVE = 3;

export interface StageOptions {
  readonly database: keyof typeof DATABASES;
  readonly seed: string;
  /** Starts an aggregator that lacks something; the real one where it is left out. */
  readonly startAggregator?: (endpoint: string, socket: string) => Promise<Program>;
}

/** The whole system as real processes, with a database at its end. */
export interface Stage {
  readonly agents: readonly Agent[];
  readonly disk: SmallDisk | undefined;
  /** All that happened so far. */
  readonly story: readonly Incident[];
  /** All that must not have happened. */
  readonly faults: readonly string[];
  /** Resolves when all that was hit works again. */
  perform(act: Act): Promise<void>;
  /** Waits until each meter has a row from now on in the database. Tells how long that took, ms. */
  recovered(): Promise<number>;
  /** Tells everything to end in the order in which nothing is lost, and reads what is stored. */
  close(): Promise<{
    readonly answers: readonly Answer[];
    /** What each run of each meter took. */
    readonly captured: ReadonlyMap<string, readonly CapturedRun[]>;
    readonly stored: readonly Stored[];
    readonly repeated: number | undefined;
  }>;
}

/** Sets everything up and waits until it works. */
export async function setStage(t: TestContext, options: StageOptions): Promise<Stage> {
  const folder = workFolder();
  const socket = join(folder, "bms.sock");
  const system = createSystem(t);
  const { section, address, open } = DATABASES[options.database];
  const place = { folder, port: await freePort() };
  let database = await open(t, place);
  const story: Incident[] = [];
  const faults: string[] = [];
  const chronicle = {
    note: (incident: Incident) => void story.push(incident),
    fault: (text: string) => void faults.push(text),
  };
  const configuration = snippet("battery.conf", {
    uncomment: [section],
    replace: { "unix:///run/telegraf/bms.sock": `unix://${socket}`, [address]: database.url },
  });
  const startAggregator = () =>
    options.startAggregator?.(system.endpoint, socket) ??
    system.startAggregator("--output", `unix://${socket}`, "--settle", String(SETTLE_S));
  const telegraf = createPart(
    "telegraf",
    async () => {
      rmSync(socket, { force: true });
      return startTelegraf(t, folder, AGENT + configuration);
    },
    chronicle,
  );
  const aggregator = createPart("aggregator", startAggregator, chronicle);

  const captures = keepCaptures(folder);
  const disk = mountSmallDisk(t);
  const agents = usualDevices(JBD, THORNWAVE).map(({ address: device }, i) => ({
    meter: `m${i + 1}`,
    device,
    spoolsAlways: i % 2 === 1,
  }));
  const agentParts = agents.map(({ meter, device, spoolsAlways }, i) => {
    const spool = i === 0 && disk ? disk.folder : join(folder, meter);
    const when = spoolsAlways ? ["--spool-when", "always"] : [];
    return createPart(
      meter,
      async () => {
        const capture = ["--capture", captures.begin(meter)];
        return system.startAgent(meter, device, "-i", String(POLL_S), "--spool", spool, ...when, ...capture);
      },
      chronicle,
    );
  });
  const parts = new Map<string, Part>([
    ["telegraf", telegraf],
    ["aggregator", aggregator],
    ...agents.flatMap(({ meter }, i): [string, Part][] => (agentParts[i] ? [[meter, agentParts[i]]] : [])),
    [
      "database",
      {
        begin: async () => {
          database = await open(t, place);
        },
        end: async () => void (await database.stop()),
        async take({ forMs }) {
          await database.stop();
          await sleep(forMs);
          database = await open(t, place);
        },
      },
    ],
  ]);
  if (disk) {
    parts.set("disk", {
      begin: async () => {},
      end: async () => {},
      async take({ forMs }) {
        disk.fill();
        await sleep(forMs);
        disk.free();
      },
    });
  }

  async function recovered() {
    const from = Date.now();
    const begun = performance.now();
    await until(
      "every meter has a fresh row in the database",
      async () => (await database.metersSince(from)).size === agents.length,
      120_000,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; the programs said at last:\n${system.lastWords()}`, { cause: error });
    });
    return performance.now() - begun;
  }

  await system.startSimulator(
    "--jbd",
    `${JBD}`,
    "--thornwave",
    `${THORNWAVE}`,
    "--seed",
    options.seed,
    "--latency",
    "10",
  );
  await telegraf.begin();
  await aggregator.begin();
  for (const part of agentParts) await part.begin();
  await recovered();
  return {
    agents,
    disk,
    story,
    faults,
    recovered,
    async perform({ blows }) {
      await Promise.all(
        blows.map(async ({ who, afterMs, ...blow }) => {
          await sleep(afterMs);
          await parts.get(who)?.take(blow);
        }),
      );
    },
    async close() {
      await Promise.all(agentParts.map((part) => part.end()));
      // What an ended agent has on disk as unsettled would be delivered by its next run; none follows here.
      await sleep(SETTLE_S * 1000);
      await aggregator.end();
      await telegraf.end();
      return {
        answers: system.answers(),
        captured: await captures.read(story),
        stored: await database.rows(),
        repeated: await database.repeated(),
      };
    },
  };
}
