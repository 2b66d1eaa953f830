import { hexByte } from "../../agent/drivers/jbd/frame.ts";
import type { RegisterChange } from "../../agent/drivers/jbd/settings/settings.ts";
import { inFactoryMode } from "./factory-mode.ts";
import { type PackConnection, persistently } from "./pack-link.ts";
import { type Left, putBack } from "./put-back.ts";
import { type PackState, type ReadDeps, readPack, readParameters } from "./read-pack.ts";
import { SettingsError } from "./settings-error.ts";
import { type Audit, hex, isEqual, writeRegister } from "./write-registers.ts";

export interface ApplyDeps extends ReadDeps {
  readonly audit: Audit;
  /** Called before the commit is sent. */
  readonly onCommit: () => void;
}

/** The end of an application. In none of them is the pack between old and new without `left` naming the registers. */
export type Applied =
  | { readonly kind: "applied"; readonly state: PackState }
  | { readonly kind: "put-back"; readonly error: Error }
  | { readonly kind: "between"; readonly error: Error; readonly left: readonly Left[] };

/** Time for the board to store its parameters after the commit, ms (a library for these boards waits as long). */
const STORE_MS = 3_500;

/**
 * Writes registers in this order, each only if it still holds its old data, and reads each back at once. Commits, and
 * reads all `parameters` once more in a new session. After any failure the old data are put back.
 */
export async function applyChanges(
  changes: readonly RegisterChange[],
  parameters: readonly number[],
  deps: ApplyDeps,
): Promise<Applied> {
  const touched: RegisterChange[] = [];
  let isCommitted = false;
  try {
    await inFactoryMode({ commit: true }, deps, async (connection) => {
      for (const change of changes) {
        deps.stop.throwIfAborted();
        await expectOld(connection, change);
        touched.push(change);
        await writeRegister(connection.settings, change, deps.audit);
      }
      deps.stop.throwIfAborted();
      deps.onCommit();
      isCommitted = true;
    });
    await deps.clock.sleep(STORE_MS);
    const state = await persistently(deps, () => readPack(parameters, { ...deps, stop: NEVER }));
    expectNew(state, changes);
    return { kind: "applied", state };
  } catch (error) {
    const left = await putBack(touched, isCommitted, deps);
    const cause = error instanceof Error ? error : new Error(String(error));
    return left.length === 0 ? { kind: "put-back", error: cause } : { kind: "between", error: cause, left };
  }
}

const NEVER = new AbortController().signal;

/** The second reading of a register. @throws {SettingsError} if it differs from the first */
async function expectOld({ settings }: PackConnection, { register, before }: RegisterChange): Promise<void> {
  const again = (await readParameters(settings, [register], { stop: NEVER, progress: () => {} })).get(register);
  if (again && isEqual(again, before)) return;
  const found = again ? `holds ${hex(again)}` : "is not answered";
  throw new SettingsError(
    `register ${hexByte(register)} ${found}, although ${hex(before)} was read before: nothing more is written`,
  );
}

/** @throws {SettingsError} for the first register that is not as written */
function expectNew(state: PackState, changes: readonly RegisterChange[]): void {
  for (const { register, after } of changes) {
    const found = state.registers.get(register);
    if (found && isEqual(found, after)) continue;
    const held = found ? `holds ${hex(found)}` : "could not be read";
    throw new SettingsError(`after storing, register ${hexByte(register)} ${held} instead of ${hex(after)}`);
  }
}
