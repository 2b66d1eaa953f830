import type { RegisterChange } from "../../../agent/drivers/jbd/settings/settings.ts";
import { virtualClock } from "../../../common/runtime/clock.ts";
import type { Log } from "../../../common/runtime/log.ts";
import { type Applied, type ApplyDeps, applyChanges } from "../../../control/settings/apply.ts";
import { leaveFactoryMode } from "../../../control/settings/factory-mode.ts";
import { openPackLink } from "../../../control/settings/pack-link.ts";
import { type Registers, readPack, readPackTwice } from "../../../control/settings/read-pack.ts";
import { isEqual, type WriteRecord } from "../../../control/settings/write-registers.ts";
import type { Memory } from "../../../simulator/battery.ts";
import type { RequestRecord } from "../../../simulator/device.ts";
import { seededRandom } from "../../../simulator/random.ts";
import { randomChanges } from "./changes.ts";
import { createPack, type SimulatedPack } from "./pack.ts";
import type { Plan } from "./plan.ts";
import type { Sabotage } from "./sabotage.ts";

/** The end of a process that applies changes. */
export type End = Applied | { readonly kind: "failed"; readonly error: Error } | { readonly kind: "killed" };

/** What is left of an application, moment by moment. */
export interface Application {
  readonly plan: Plan;
  readonly changes: readonly RegisterChange[];
  readonly before: Memory;
  readonly end: End;
  /** Of the application's end, before anything else happened. */
  readonly after: Memory;
  readonly isMarked: boolean;
  /** Of the moment after the next start of the pack's agent, without any fault. */
  readonly recovered: Memory;
  readonly isStillMarked: boolean;
  /** The end of the restoration from the saved state; absent where nothing was saved. */
  readonly restored?: { readonly end: End; readonly memory: Memory };
  readonly requests: readonly RequestRecord[];
  readonly audit: readonly WriteRecord[];
  readonly log: readonly string[];
}

/** What outlives a process. */
interface Disk {
  isMarked: boolean;
  saved: Registers | undefined;
  changes: readonly RegisterChange[];
  readonly audit: WriteRecord[];
  readonly log: string[];
}

/** Registers that are read: all parameters that are numbers. */
const PARAMETERS = Array.from({ length: 0x48 - 0x10 }, (_, i) => 0x10 + i);
/** Families that are refused. */
const REFUSED: readonly (string | undefined)[] = ["v19", "up16s", "daren"];
const PAUSE_MS = 120_000;

export async function runApplication(plan: Plan, sabotage?: Sabotage): Promise<Application> {
  const clock = virtualClock();
  const pack = createPack(plan, clock);
  const disk: Disk = { isMarked: false, saved: undefined, changes: [], audit: [], log: [] };
  const before = pack.memory();
  const stop = new AbortController();
  const sound = (signal: AbortSignal): ApplyDeps => ({
    link: openPackLink(() => pack.connect()),
    clock,
    log: logTo(disk.log),
    marker: {
      set: () => {
        disk.isMarked = true;
      },
      clear: () => {
        disk.isMarked = false;
      },
    },
    stop: signal,
    progress: () => {},
    audit: (record) => disk.audit.push(record),
    onCommit: () => {},
  });

  const killed = interrupt(pack, plan, stop);
  const end = await Promise.race([killed, applying(plan, disk, sabotaged(sound(stop.signal), pack, sabotage))]);
  pack.onRequest = () => {};
  const after = pack.memory();
  const { isMarked } = disk;
  if (plan.powerCutAfter) pack.simulator.cutPower("all");
  pack.repair();
  pack.simulator.drop("all", 0x13);
  await clock.sleep(PAUSE_MS);

  const never = new AbortController().signal;
  if (disk.isMarked) {
    const agent = sound(never);
    await leaveFactoryMode(agent);
    await agent.link.close();
  }
  const recovered = pack.memory();
  const isStillMarked = disk.isMarked;
  const restored = await restore(pack, disk, sound(never));
  return {
    ...{ plan, changes: disk.changes, before, end, after, isMarked, recovered, isStillMarked },
    ...(restored && { restored }),
    ...{ requests: pack.requests, audit: disk.audit, log: disk.log },
  };
}

/** The dependencies of the engine with a defect. */
function sabotaged(deps: ApplyDeps, pack: SimulatedPack, sabotage: Sabotage | undefined): ApplyDeps {
  const { connection, deps: change } = sabotage ?? {};
  const link = connection ? openPackLink(async () => connection(await pack.connect())) : deps.link;
  return change ? change({ ...deps, link }) : { ...deps, link };
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

async function applying(plan: Plan, disk: Disk, deps: ApplyDeps): Promise<End> {
  try {
    const { registers } = await readPackTwice(PARAMETERS, deps);
    if (REFUSED.includes(plan.board.family)) throw new Error("refused: the family of the board");
    disk.saved = registers;
    disk.changes = randomChanges(registers, seededRandom(plan.seed, "changes"));
    return await applyChanges(disk.changes, PARAMETERS, deps);
  } catch (error) {
    return { kind: "failed", error: error instanceof Error ? error : new Error(String(error)) };
  } finally {
    await deps.link.close();
  }
}

/** Applies the saved state to a pack without faults, which then loses its power. */
async function restore(pack: SimulatedPack, disk: Disk, deps: ApplyDeps): Promise<Application["restored"]> {
  const { saved } = disk;
  if (!saved) return undefined;
  try {
    const { registers } = await readPack(PARAMETERS, deps);
    const changes = PARAMETERS.flatMap((register): RegisterChange[] => {
      const [before, after] = [registers.get(register), saved.get(register)];
      return before && after && !isEqual(before, after) ? [{ register, before, after }] : [];
    });
    const end: End = await applyChanges(changes, PARAMETERS, deps);
    pack.simulator.cutPower("all");
    return { end, memory: pack.memory() };
  } catch (error) {
    return { end: { kind: "failed", error: error as Error }, memory: pack.memory() };
  } finally {
    await deps.link.close();
  }
}

function logTo(lines: string[]): Log {
  const write = (line: string) => void lines.push(line);
  return { error: write, warn: write, info: write, debug: write };
}
