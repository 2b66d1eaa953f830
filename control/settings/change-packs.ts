import { interlocks } from "../../agent/drivers/jbd/settings/interlocks.ts";
import type { CommandDeps } from "../../common/cli/command.ts";
import { type OptionRow, onOff } from "../../common/cli/option.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { type ChangeWish, changePack, planFor } from "./change-pack.ts";
import { changedText, countersText, obstacleText, planText, refusalText } from "./change-text.ts";
import { confirmByName } from "./confirm.ts";
import { openPack, type Pack } from "./open-pack.ts";
import { CHEMISTRY, PACK_OPTIONS, type PackOptions } from "./pack-options.ts";
import { countersOf } from "./pack-settings.ts";
import { requireWriter } from "./permission.ts";
import { SettingsError } from "./settings-error.ts";

const write = {
  flags: "--write",
  about: "write the change; without it the change is only shown",
  ...onOff,
} satisfies OptionRow<boolean>;
const yes = {
  flags: "--yes",
  about: "do not ask for confirmation, for scripts",
  ...onOff,
} satisfies OptionRow<boolean>;
const expert = {
  flags: "--expert",
  about: "also change settings of capacity and of the second protection, which need care",
  ...onOff,
} satisfies OptionRow<boolean>;

/** The options of the commands that change packs. */
export const CHANGE_OPTIONS = { write, yes, expert, chemistry: CHEMISTRY, ...PACK_OPTIONS };

export interface ChangeOptions extends PackOptions {
  readonly write: boolean;
  readonly yes: boolean;
}

/**
 * Changes packs one after the other; the first failure stops. Returns the exit status.
 * @throws {UsageError} {RadioError} {FrameError}
 */
export async function changePacks(
  words: readonly string[],
  wishFor: (pack: Pack) => ChangeWish,
  options: ChangeOptions,
  deps: CommandDeps,
): Promise<number> {
  for (const [i, word] of words.entries()) {
    const isDone = await changeOne(await openPack(word, options, deps), wishFor, options, deps);
    if (isDone) continue;
    const rest = words.slice(i + 1);
    if (rest.length > 0) deps.print(`not begun: ${rest.join(", ")}\n`);
    return 1;
  }
  return 0;
}

/** True if the pack is as it was wished, or would be. */
async function changeOne(
  pack: Pack,
  wishFor: (pack: Pack) => ChangeWish,
  options: ChangeOptions,
  { uid, print, stop }: CommandDeps,
): Promise<boolean> {
  const { name, device } = pack.target;
  const wish = wishFor(pack);
  if (options.write && device.radio.kind !== "simulated") requireWriter({ uid, groups: process.getgroups?.() ?? [] });
  const planned = await planFor(pack, wish).catch(asUsageError);
  const { plan, read } = planned;
  if (plan.kind === "refused") {
    print(refusalText(name, plan.reasons));
    return false;
  }
  print(planText(name, plan, !options.write));
  const obstacles = plan.changes.length > 0 ? interlocks(read.board) : [];
  if (obstacles.length > 0) {
    print(obstacleText(obstacles));
    return !options.write;
  }
  const isFinishing = plan.changes.length === 0 && pack.store.journal.read() !== undefined;
  if (!options.write || (plan.changes.length === 0 && !isFinishing)) return true;
  const counters = countersText(countersOf(read.state));
  if (options.yes) print(`${counters}\n`);
  else await confirmByName(counters, name);
  stop.throwIfAborted();
  try {
    const changed = await changePack(pack, planned, wish);
    print(changedText(name, changed));
    return changed.kind === "applied";
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    print(refusalText(name, error.message.split("\n")));
    return false;
  }
}

function asUsageError(error: unknown): never {
  if (error instanceof RangeError) throw new UsageError(error.message, { cause: error });
  throw error;
}
