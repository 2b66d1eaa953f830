import { interlocks } from "../../agent/drivers/jbd/settings/interlocks.ts";
import type { Chemistry, Values } from "../../agent/drivers/jbd/settings/parameter.ts";
import { type Origin, type Plan, planChanges } from "../../agent/drivers/jbd/settings/plan.ts";
import { SETTING_REGISTERS } from "../../agent/drivers/jbd/settings/table/table.ts";
import { type Applied, applyChanges } from "./apply.ts";
import { tomlText } from "./files/toml.ts";
import type { Pack, WorkDeps } from "./open-pack.ts";
import { type PackSettings, profileOf, understandPack } from "./pack-settings.ts";
import { readPack, readPackTwice } from "./read-pack.ts";
import { SettingsError } from "./settings-error.ts";

/** A change that somebody wants. */
export interface ChangeWish {
  /** The values, from those that the pack has. @throws {RangeError} */
  readonly wanted: (present: Values) => Values;
  readonly origin: Origin;
  readonly chemistry: Chemistry | undefined;
  readonly isExpert: boolean;
}

export interface Planned {
  readonly read: PackSettings;
  readonly plan: Plan;
}

/** Reads a pack and plans a change. Writes nothing. */
export async function planFor(pack: Pack, wish: ChangeWish): Promise<Planned> {
  return planFrom(await pack.use((work) => readPack(SETTING_REGISTERS, work)), wish);
}

function planFrom(state: PackSettings["state"], { wanted, origin, chemistry, isExpert }: ChangeWish): Planned {
  const read = understandPack(state, chemistry);
  const { settings, board } = read;
  const wish = { settings, wanted: wanted(settings.values), origin, board, chemistry: read.chemistry, isExpert };
  return { read, plan: planChanges(wish) };
}

/** The end of a change. `file`: the state before it. */
export type Changed = Applied & { readonly file: string };

/**
 * Carries out the change that was planned: reads the pack twice, saves its state, writes. Only the planned change: a pack
 * that is not as it was is left alone.
 * @throws {SettingsError} if nothing was written {RadioError} {FrameError}
 */
export function changePack(pack: Pack, planned: Planned, wish: ChangeWish): Promise<Changed> {
  return pack.use((work) => change(pack, planned, wish, work));
}

async function change(pack: Pack, planned: Planned, wish: ChangeWish, work: WorkDeps): Promise<Changed> {
  const { target, store } = pack;
  const state = await readPackTwice(SETTING_REGISTERS, work);
  const { read, plan } = planFrom(state, wish);
  if (plan.kind === "refused") throw new SettingsError(plan.reasons.join("\n"));
  if (planned.plan.kind === "refused" || !isSamePlan(planned.plan.changes, plan.changes)) {
    throw new SettingsError("the pack is not as it was when the change was shown: nothing is written; begin anew");
  }
  const obstacles = interlocks(read.board);
  if (obstacles.length > 0) throw new SettingsError(obstacles.join("\n"));
  const named = { name: target.name, address: target.device.address };
  const file = store.save(tomlText(profileOf(named, read)), state.takenAt);
  const { changes } = plan;
  const open = { at: state.takenAt, file, changes };
  store.journal.begin({ ...open, isCommitted: false });
  const onCommit = () => store.journal.begin({ ...open, isCommitted: true });
  const applied = await applyChanges(changes, SETTING_REGISTERS, { ...work, onCommit });
  if (applied.kind !== "between") store.journal.end();
  if (applied.kind === "applied")
    store.keep("known", tomlText(profileOf(named, understandPack(applied.state, undefined))));
  return { ...applied, file };
}

function isSamePlan(a: readonly { register: number; after: Uint8Array }[], b: typeof a): boolean {
  const text = (changes: typeof a) => changes.map(({ register, after }) => `${register}=${after}`).join();
  return text(a) === text(b);
}
