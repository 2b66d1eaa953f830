import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { RegisterChange } from "../../../agent/drivers/jbd/settings/settings.ts";
import { leaveMarkedMode } from "../../../agent/polling/factory-mode.ts";
import { type Clock, virtualClock } from "../../../common/runtime/clock.ts";
import type { Log } from "../../../common/runtime/log.ts";
import type { Applied } from "../../../control/settings/apply.ts";
import { type ChangeWish, changePack, planFor } from "../../../control/settings/change-pack.ts";
import { parseProfile } from "../../../control/settings/files/parse-profile.ts";
import type { Pack, WorkDeps } from "../../../control/settings/open-pack.ts";
import { openPackLink } from "../../../control/settings/pack-link.ts";
import type { UnfinishedChange } from "../../../control/settings/store.ts";
import { unfinishedText } from "../../../control/settings/unfinished.ts";
import type { WriteRecord } from "../../../control/settings/write-registers.ts";
import type { Memory } from "../../../simulator/battery.ts";
import type { RequestRecord } from "../../../simulator/device.ts";
import { seededRandom } from "../../../simulator/random.ts";
import { changedValues } from "./changes.ts";
import { createDisk, type Disk } from "./disk.ts";
import { createPack, type SimulatedPack } from "./pack.ts";
import type { Plan } from "./plan.ts";
import type { Sabotage } from "./sabotage.ts";

/** The end of a process that applies changes. */
export type End =
  | Applied
  /** Refused by a rule, before anything was written. */
  | { readonly kind: "refused"; readonly reasons: readonly string[] }
  | { readonly kind: "failed"; readonly error: Error }
  | { readonly kind: "killed" };

/** Remains of an application, moment by moment. */
export interface Application {
  readonly plan: Plan;
  readonly before: Memory;
  readonly end: End;
  /** Of the application's end, before anything else happened. */
  readonly after: Memory;
  readonly isMarked: boolean;
  readonly unfinished: UnfinishedChange | undefined;
  readonly changes: readonly RegisterChange[];
  /** Of the moment after the next start of the pack's agent, without any fault. */
  readonly recovered: Memory;
  readonly isStillMarked: boolean;
  /** The end of the restoration from the saved state; absent where nothing was saved, or nothing may be written. */
  readonly restored?: { readonly end: End; readonly memory: Memory };
  readonly requests: readonly RequestRecord[];
  readonly audit: readonly WriteRecord[];
  readonly log: readonly string[];
}

const MARKER = join(mkdtempSync(join(tmpdir(), "bms-settings-")), "marker");
process.once("exit", () => rmSync(dirname(MARKER), { recursive: true }));
const NAME = "house";
const PAUSE_MS = 120_000;
const BY_HOST = 0x13;

export async function runApplication(plan: Plan, sabotage?: Sabotage): Promise<Application> {
  const clock = virtualClock();
  const simulated = createPack(plan, clock);
  const disk = createDisk();
  const log: string[] = [];
  const before = simulated.memory();
  const stop = new AbortController();
  let changes: readonly RegisterChange[] = [];
  const tools = { simulated, disk, clock, log: logTo(log) };

  const killed = interrupt(simulated, plan, stop);
  const applying = apply(openPack(tools, stop.signal, sabotage), wishOf(plan), (planned) => {
    changes = planned;
  });
  const end = await Promise.race([killed, applying]);
  simulated.onRequest = () => {};
  const left = { after: simulated.memory(), isMarked: disk.isMarked(), unfinished: disk.store.journal.read() };
  if (plan.powerCutAfter) simulated.simulator.cutPower("all");
  simulated.repair();
  simulated.simulator.drop("all", BY_HOST);
  await clock.sleep(PAUSE_MS);

  await startAgent(simulated, disk, tools.log);
  const recovered = simulated.memory();
  const isStillMarked = disk.isMarked();
  const restored = await restore(tools, plan);
  return {
    ...{ plan, before, end, ...left, changes, recovered, isStillMarked },
    ...(restored && { restored }),
    ...{ requests: simulated.requests, audit: disk.audit, log },
  };
}

interface Tools {
  readonly simulated: SimulatedPack;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Log;
}

/** The pack as the commands of one process have it, with the defect of a sabotage. */
function openPack({ simulated, disk, clock, log }: Tools, stop: AbortSignal, sabotage: Sabotage = { about: "" }): Pack {
  const { store } = disk;
  const device = {
    address: simulated.address,
    drivers: [],
    radio: { kind: "simulated", socket: "" },
    pin: undefined,
    capture: undefined,
    logLevel: "info",
  } as const;
  return {
    target: { name: NAME, battery: undefined, device },
    store,
    async use(work) {
      const { connection = (sound) => sound, deps = (sound) => sound } = sabotage;
      const link = openPackLink(async () => connection(await simulated.connect()));
      const sound: WorkDeps = { link, clock, log, stop, marker: store.marker, audit: store.audit, progress: () => {} };
      try {
        return await work(deps(sound));
      } finally {
        await link.close();
      }
    },
  };
}

function wishOf({ seed }: Plan): ChangeWish {
  return {
    wanted: (present) => changedValues(present, seededRandom(seed, "changes")),
    origin: "asked",
    chemistry: undefined,
    isExpert: false,
  };
}

/** As `bmsctl settings set` and `apply` do with --write and --yes. */
async function apply(
  pack: Pack,
  wish: ChangeWish,
  onPlan: (changes: readonly RegisterChange[]) => void = () => {},
): Promise<End> {
  try {
    const planned = await planFor(pack, wish);
    if (planned.plan.kind === "refused") return { kind: "refused", reasons: planned.plan.reasons };
    onPlan(planned.plan.changes);
    return await changePack(pack, planned, wish);
  } catch (error) {
    return { kind: "failed", error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** Resolves when the process is killed; other interruptions only happen. */
function interrupt(pack: SimulatedPack, { interruption }: Plan, stop: AbortController): Promise<End> {
  return new Promise((resolve) => {
    if (interruption.kind === "none") return;
    const { kind, at } = interruption;
    const due = kind === "killed after" ? "after" : "before";
    pack.onRequest = ({ phase, requests }, when) => {
      if (when !== due || phase !== at.phase || requests !== at.requests) return;
      if (kind === "stopped") stop.abort(new Error("stopped by SIGINT"));
      else if (kind === "power cut") pack.simulator.cutPower("all");
      else {
        pack.kill();
        resolve({ kind: "killed" });
      }
    };
  });
}

/** Does the same as the agent of the pack on its first link. */
async function startAgent(pack: SimulatedPack, disk: Disk, log: Log): Promise<void> {
  if (!disk.isMarked()) return;
  const { settings, close } = await pack.connect();
  writeFileSync(MARKER, "");
  await leaveMarkedMode({ settings }, MARKER, log);
  if (!existsSync(MARKER)) disk.store.marker.clear();
  await close();
}

/** Applies the saved state to a pack without faults, which then loses its power. */
async function restore(tools: Tools, plan: Plan): Promise<Application["restored"]> {
  const { simulated, disk, log } = tools;
  const text = disk.saved();
  // Nothing is written while a current flows.
  if (text === undefined || plan.board.load === "usual") return undefined;
  const pack = openPack(tools, new AbortController().signal);
  const { values } = parseProfile(text);
  const wish: ChangeWish = { wanted: () => values, origin: "former-state", chemistry: undefined, isExpert: false };
  if (plan.isLookedAt) await look(pack, log);
  const planned = await planFor(pack, wish);
  const isDone = planned.plan.kind === "planned" && planned.plan.changes.length === 0 && !disk.store.journal.read();
  const end: End = isDone ? { kind: "applied", state: planned.read.state } : await apply(pack, wish);
  simulated.simulator.cutPower("all");
  return { end, memory: simulated.memory() };
}

/** As `bmsctl settings house` does. */
async function look(pack: Pack, log: Log): Promise<void> {
  const { read } = await planFor(pack, { wanted: () => ({}), origin: "asked", chemistry: undefined, isExpert: false });
  const text = unfinishedText(NAME, pack.store.journal, read.state.registers);
  if (text) log.warn(text);
}

function logTo(lines: string[]): Log {
  const write = (line: string) => void lines.push(line);
  return { error: write, warn: write, info: write, debug: write };
}
