import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { formatPublicKey } from "../../../../common/hosts/public-key.ts";
import { feedEndpoint } from "../../../../common/wire/endpoint.ts";
import { type Program, startProcess } from "../../../../simulator/program.ts";
import { usualDevices } from "../../../../simulator/registry.ts";
import type { Answer } from "../../../integration/system.ts";
import type { TimelineEvent } from "../../../support/proof/timeline.ts";
import type { Agent } from "../../../support/proof/verdict.ts";
import { until } from "../../../support/until.ts";
import { type Component, createComponent } from "../../chaos/component.ts";
import { newestRowsOf } from "../../machine/telegraf-rows.ts";
import { admit, type HostKey, makeKey } from "./keys.ts";
import { commandIn, createNetwork, type Host, type Network } from "./network.ts";
import * as paths from "./paths.ts";
import { openLog } from "./program-log.ts";
import { type Shown, watchShown } from "./shown.ts";

/** The first is in the house, the others are in the shed. */
const METERS = ["m1", "m2", "m3", "m4"] as const;
/** Batteries of the strangers. */
const FURTHER_DEVICES = 3;
const SHED_METERS: readonly string[] = METERS.slice(1);
/** Longer than Telegraf's flush_interval of 1 s. */
const SETTLE_S = 3;
/** Time between polls, unless a part sets another, s. */
export const INTERVAL_S = 2;
/** A link that has died silently is noticed after 60 s, in the worst case twice in a row, ms. */
const RECOVERED_WITHIN_MS = 150_000;
const LOOK_EVERY_MS = 250;

/** The house and the shed with all programs, and what has happened to them. */
export interface Stage {
  readonly network: Network;
  readonly agents: readonly Agent[];
  readonly shedMeters: readonly string[];
  /** Devices without an agent of their own. */
  readonly furtherDevices: readonly string[];
  /** Agents by meter, the aggregator and Telegraf. */
  readonly components: ReadonlyMap<string, Component>;
  readonly houseKey: HostKey;
  readonly shedKey: HostKey;
  readonly timeline: readonly TimelineEvent[];
  /** Processes that ended by themselves, or did not end after SIGTERM. */
  readonly failures: readonly string[];
  readonly shown: Shown;
  /** Starts a program in a host, with a log of its own. */
  run(host: Host, name: string, command: readonly [string, ...string[]], env?: Record<string, string>): Program;
  /** The command line of a remote agent. */
  remoteAgent(meter: string, device: string, key: HostKey): readonly [string, ...string[]];
  /** Stops agents and starts them again with another time between polls, s. */
  setInterval(meters: readonly string[], seconds?: number): Promise<void>;
  /** Waits until the meters have new rows. Resolves with the time that took, ms. */
  recovered(meters?: readonly string[]): Promise<number>;
  /** Readings of the agents that are not accepted yet. */
  backlog(meters: readonly string[]): number;
  /** Content of the aggregator's status.json. */
  status(): AggregatorFile;
  answers(): Answer[];
  /** Waits until everything is delivered, and stops all programs. */
  close(): Promise<void>;
}

export interface AggregatorFile {
  readonly readings: number;
  readonly rejected: Readonly<Record<string, number>>;
}

export async function createStage(): Promise<Stage> {
  rmSync(paths.WORK, { recursive: true, force: true });
  mkdirSync(paths.WORK);
  const network = createNetwork();
  const [houseKey, shedKey] = [makeKey("house"), makeKey("shed")];
  admit("shed", shedKey);
  const timeline: TimelineEvent[] = [];
  const failures: string[] = [];
  const deps = {
    onEvent: (event: TimelineEvent) => void timeline.push(event),
    onFailure: (text: string) => void failures.push(text),
  };
  const devices = usualDevices({ jbd: METERS.length + FURTHER_DEVICES }).map(({ address }) => address);
  const agents = METERS.map((meter, i) => ({ meter, device: devices[i] ?? "" }));
  const intervals = new Map<string, number>();

  function run(host: Host, name: string, [program, ...args]: readonly [string, ...string[]], env = {}): Program {
    mkdirSync(paths.runtimeOf(name), { recursive: true });
    const own = { RUNTIME_DIRECTORY: paths.runtimeOf(name), BMS_SIMULATOR: paths.SIMULATOR, HOME: "/tmp" };
    return startProcess(...commandIn(host, program, args), { env: { ...own, ...env }, ...openLog(name) });
  }
  const agent = (meter: string, device: string) =>
    [paths.NODE, paths.programPath("bms-agent"), "-m", meter, "-b", device, "--radio", "simulated"] as const;
  const remoteAgent = (meter: string, device: string, key: HostKey) =>
    [
      ...agent(meter, device),
      ...[
        "--endpoint",
        paths.REMOTE_ENDPOINT,
        "--host-key",
        key.file,
        "--aggregator-key",
        formatPublicKey(houseKey.publicKey),
      ],
    ] as const;

  async function startSimulator() {
    const program = [paths.NODE, paths.programPath("simulator"), "--socket", paths.SIMULATOR, "--log", paths.ANSWERS];
    const simulator = startProcess(
      ...commandIn("house", program[0] ?? "", [...program.slice(1), "--jbd", `${devices.length}`, "--latency", "10"]),
      openLog("simulator"),
    );
    await simulator.logged(/listening/);
    return simulator;
  }
  async function startTelegraf() {
    rmSync(paths.TELEGRAF_SOCKET, { force: true });
    const telegraf = run("house", "telegraf", [paths.TELEGRAF, "--config", join(paths.SUITE, "telegraf.conf")]);
    await telegraf.logged(/\[inputs\.socket_listener\] Listening on /);
    return telegraf;
  }
  async function startAggregator() {
    const options = [
      ...["--endpoint", paths.LOCAL_ENDPOINT, `tcp://0.0.0.0:${paths.PORT}`],
      ...["--host-key", houseKey.file, "--hosts", paths.KNOWN_HOSTS],
      ...["--output", `unix://${paths.TELEGRAF_SOCKET}`, "--settle", `${SETTLE_S}`],
    ];
    const state = join(paths.WORK, "state");
    mkdirSync(state, { recursive: true });
    const program = [paths.NODE, paths.programPath("bms-aggregator"), ...options] as const;
    const aggregator = run("house", "aggregator", program, { STATE_DIRECTORY: state });
    await aggregator.logged(/listening on .*, writing to/);
    return aggregator;
  }
  async function startAgent({ meter, device }: Agent) {
    const own = ["-i", `${intervals.get(meter) ?? INTERVAL_S}`, "--spool", join(paths.WORK, `spool-${meter}`)];
    const isLocal = !SHED_METERS.includes(meter);
    const command = isLocal
      ? ([...agent(meter, device), "--endpoint", paths.LOCAL_ENDPOINT] as const)
      : remoteAgent(meter, device, shedKey);
    return run(isLocal ? "house" : "shed", meter, [...command, ...own]);
  }

  const simulator = await startSimulator();
  const components = new Map<string, Component>([
    ["telegraf", createComponent("telegraf", startTelegraf, deps)],
    ["aggregator", createComponent("aggregator", startAggregator, deps)],
    ...agents.map((each) => [each.meter, createComponent(each.meter, () => startAgent(each), deps)] as const),
  ]);
  for (const component of components.values()) await component.start();
  const component = (name: string) => components.get(name) as Component;
  const shown = watchShown(feedEndpoint(paths.LOCAL_ENDPOINT));

  const backlog = (meters: readonly string[]) =>
    meters.reduce((sum, meter) => sum + statusOf<{ backlog: number }>(meter).backlog, 0);
  async function recovered(meters: readonly string[] = METERS) {
    const since = Date.now();
    const startedAt = performance.now();
    const isNew = () => {
      const newest = newestRowsOf(paths.ROWS);
      return meters.every((meter) => (newest.get(meter) ?? 0) > since);
    };
    await until(`new rows of ${meters.join(", ")}`, isNew, RECOVERED_WITHIN_MS, LOOK_EVERY_MS);
    return performance.now() - startedAt;
  }
  return {
    network,
    agents,
    shedMeters: SHED_METERS,
    furtherDevices: devices.slice(METERS.length),
    components,
    houseKey,
    shedKey,
    timeline,
    failures,
    shown,
    run,
    remoteAgent,
    async setInterval(meters, seconds = INTERVAL_S) {
      for (const meter of meters) {
        intervals.set(meter, seconds);
        await component(meter).stop();
        await component(meter).start();
      }
    },
    recovered,
    backlog,
    status: () => statusOf<AggregatorFile>("aggregator"),
    answers: () => linesOf(paths.ANSWERS).map((line) => JSON.parse(line) as Answer),
    async close() {
      network.setLink("clear");
      await recovered();
      for (const meter of METERS) await component(meter).stop();
      shown.close();
      await component("aggregator").stop();
      await component("telegraf").stop();
      await simulator.stop();
    },
  };
}

function statusOf<T>(component: string): T {
  return JSON.parse(readFileSync(join(paths.runtimeOf(component), "status.json"), "utf8")) as T;
}

function linesOf(path: string): string[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "");
}
