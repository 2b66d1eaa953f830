// The programs that are measured and those beside which they are measured. Each is killed with the question.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { encodeReadRequest } from "../../../agent/drivers/jbd/frame.ts";
import { systemClock } from "../../../common/runtime/clock.ts";
import { jbdBattery } from "../../../simulator/jbd/battery.ts";
import { type Program, type ProgramOptions, startProcess, startProgram } from "../../../simulator/program.ts";
import type { Bench } from "../question.ts";
import type { Cgroup } from "./cgroup.ts";
import { addressOf, fourCells, type PackRadio } from "./pack.ts";
import { readUnit } from "./unit.ts";

const root = join(import.meta.dirname, "../../..");

export interface UnitOptions extends ProgramOptions {
  /** Of Node, instead of the unit's. */
  readonly flags?: readonly string[];
  /** A control group for the program. */
  readonly within?: Cgroup;
}

/** A unit's program with the Node and the flags that the package ships, or with others. */
export function startUnit(
  bench: Bench,
  unitName: string,
  args: readonly string[],
  { flags, within, ...options }: UnitOptions = {},
): Program {
  const unit = readUnit(unitName);
  const command = [bench.programs.node, ...(flags ?? unit.flags), join(root, "dist", unit.program), ...args];
  const [program = "", ...rest] = within ? ["sh", "-c", `${within.join} && exec "$0" "$@"`, ...command] : command;
  return start(bench, program, rest, { ...options, env: { ...unit.env, ...options.env } });
}

export function start(bench: Bench, program: string, args: readonly string[], options: ProgramOptions = {}): Program {
  const started = startProcess(program, args, options);
  bench.after(() => started.stop("SIGKILL"));
  started.ended.then(({ code, signal }) => {
    if (code === 0 || signal === "SIGKILL") return;
    bench.fail(new Error(`${[program, ...args].join(" ")} has ended:\n${started.stderr.slice(-10).join("\n")}`));
  }, bench.fail);
  return started;
}

/** The link of an agent: BlueZ's bindings against the scripted bus, or the simulated one. */
export type Link = { readonly radio: PackRadio } | { readonly simulator: string };

export interface AgentOptions extends UnitOptions {
  readonly meter: string;
  readonly address: string;
  readonly endpoint: string;
  /** Seconds. */
  readonly interval: number;
  readonly more?: readonly string[];
}

export function startAgent(
  bench: Bench,
  link: Link,
  { meter, address, endpoint, interval, more = [], ...options }: AgentOptions,
) {
  const runtime = join(bench.folder, `run-${meter}`);
  mkdirSync(runtime, { recursive: true });
  const env = "radio" in link ? { DBUS_SYSTEM_BUS_ADDRESS: link.radio.busAddress } : { BMS_SIMULATOR: link.simulator };
  const radio = "radio" in link ? "bluez" : "simulated";
  const args = ["-m", meter, "-b", address, "-i", String(interval), "--radio", radio, "--endpoint", endpoint, ...more];
  return startUnit(bench, "bms-agent@.service", args, {
    ...options,
    env: { RUNTIME_DIRECTORY: runtime, ...env, ...options.env },
  });
}

export async function startAggregator(
  bench: Bench,
  endpoint: string,
  more: readonly string[] = [],
  options: UnitOptions = {},
): Promise<Program> {
  const aggregator = startUnit(bench, "bms-aggregator.service", ["--endpoint", endpoint, ...more], options);
  await aggregator.logged(/listening on/);
  return aggregator;
}

/** Packs behind the simulated link; returns the socket. */
export async function startSimulator(bench: Bench, packs: number, latencyMs?: number): Promise<string> {
  const socket = join(bench.folder, `simulator-${packs}-${latencyMs ?? "real"}.sock`);
  const devices = Array.from({ length: packs }, (_, i) => ["--device", `${addressOf(i + 1)}=jbd4`]).flat();
  const simulator = startProgram("simulator", [
    ...["--socket", socket, ...devices],
    ...(latencyMs === undefined ? [] : ["--latency", String(latencyMs)]),
  ]);
  bench.after(() => simulator.stop("SIGKILL"));
  await simulator.logged(/listening/);
  return socket;
}

/** aiobmsble, over a scripted BlueZ or over a link in its own process. Undefined where it is not here. */
export function startPeer(
  bench: Bench,
  {
    address,
    interval,
    radio,
    latencyMs,
    ...options
  }: ProgramOptions & {
    readonly address: string;
    readonly interval: number;
    readonly radio?: PackRadio;
    readonly latencyMs?: number;
  },
): Program | undefined {
  const { peer } = bench.programs;
  if ("missing" in peer) return undefined;
  const env = radio
    ? { DBUS_SYSTEM_BUS_ADDRESS: radio.busAddress }
    : { PEER_ANSWERS: JSON.stringify(scriptedAnswers(latencyMs)) };
  const script = join(import.meta.dirname, "../baselines/peer.py");
  const args = [script, radio ? "bluez" : "simulated", address, String(interval)];
  return start(bench, peer.path, args, { ...options, env });
}

/** The naive agent, whose link is in its own process. */
export function startNaiveAgent(
  bench: Bench,
  program: string,
  {
    endpoint,
    interval,
    latencyMs,
    away = false,
  }: { readonly endpoint: string; readonly interval: number; readonly latencyMs?: number; readonly away?: boolean },
): Program {
  const args = ["--endpoint", endpoint, "--interval", String(interval), "--address", addressOf(1)];
  return start(bench, bench.programs.node, [program, ...args, ...(away ? ["--away"] : [])], {
    env: { ANSWERS: JSON.stringify(scriptedAnswers(latencyMs)) },
  });
}

/** Request in hexadecimal → latency in ms and the pieces of its answer. */
function scriptedAnswers(latencyMs: number | undefined): Record<string, readonly [number, ...string[]]> {
  const battery = jbdBattery(
    { address: addressOf(1), preset: fourCells(), seed: "1", ageMs: 0, latencyMs },
    systemClock,
  );
  return Object.fromEntries(
    [0x03, 0x04].map((register) => {
      const bytes = encodeReadRequest(register);
      const answer = battery.answer({ kind: "write", characteristic: "ff02", bytes });
      const pieces = Buffer.from(answer?.bytes ?? [])
        .toString("hex")
        .match(/.{1,40}/g);
      return [Buffer.from(bytes).toString("hex"), [answer?.latencyMs ?? 0, ...(pieces ?? [])]];
    }),
  );
}
