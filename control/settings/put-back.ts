import { FrameError } from "../../agent/codec/frame-error.ts";
import type { SettingsSession } from "../../agent/drivers/device-session.ts";
import type { RegisterChange } from "../../agent/drivers/jbd/settings/settings.ts";
import { type FactoryModeDeps, leaveFactoryMode, storeAndLeave } from "./factory-mode.ts";
import { persistently } from "./pack-link.ts";
import { SettingsError } from "./settings-error.ts";
import { type Audit, isEqual, writeRegister } from "./write-registers.ts";

/** A register that could not be put back; `found` is absent where it could not be read. */
export interface Left {
  readonly register: number;
  readonly old: Uint8Array;
  readonly found?: Uint8Array;
}

/**
 * Puts the old data back in the opposite order, so that every state in between is one of those on the way there. Returns
 * the registers for which that failed. With `commit` the old data are stored, because the new ones may have been: a
 * register then counts as put back only when the pack has stored, and holds it after that.
 */
export async function putBack(
  touched: readonly RegisterChange[],
  commit: boolean,
  deps: FactoryModeDeps & { readonly audit: Audit },
): Promise<readonly Left[]> {
  if (touched.length === 0) return [];
  const open = new Map<number, Left>(touched.map(({ register, before }) => [register, { register, old: before }]));
  const note = (register: number, old: Uint8Array, found: Uint8Array | undefined, isFinal: boolean) => {
    const isOld = found !== undefined && isEqual(found, old);
    if (isOld && isFinal) open.delete(register);
    else open.set(register, { register, old, ...(found && !isOld && { found }) });
  };
  deps.marker.set();
  try {
    await persistently(deps, async ({ settings }) => {
      await settings.enter();
      for (const { register, before } of touched.toReversed()) {
        note(register, before, await restore(settings, register, before, deps.audit), !commit);
      }
      if (!commit) return;
      await storeAndLeave(settings);
      await settings.enter();
      for (const { register, before } of touched) note(register, before, await settings.read(register), true);
    });
  } catch (error) {
    // Whatever it is: what could not be put back must be reported.
    deps.log.error(error instanceof Error ? error.message : String(error));
  } finally {
    await leaveFactoryMode(deps);
  }
  return [...open.values()];
}

/** The data that the register holds in the end; undefined where that is not known. @throws {RadioError} */
async function restore(
  settings: SettingsSession,
  register: number,
  old: Uint8Array,
  audit: Audit,
): Promise<Uint8Array | undefined> {
  let found: Uint8Array | undefined;
  try {
    found = await settings.read(register);
    if (isEqual(found, old)) return found;
    await writeRegister(settings, { register, before: found, after: old }, (record) => {
      found = record.found;
      audit(record);
    });
    return found;
  } catch (error) {
    if (error instanceof SettingsError || error instanceof FrameError) return found;
    throw error;
  }
}
