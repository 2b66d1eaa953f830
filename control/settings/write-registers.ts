import { FrameError } from "../../agent/codec/frame-error.ts";
import type { SettingsSession } from "../../agent/drivers/device-session.ts";
import { hexByte } from "../../agent/drivers/jbd/frame.ts";
import type { RegisterChange } from "../../agent/drivers/jbd/settings/settings.ts";
import { isSilence } from "../../agent/drivers/request-response.ts";
import { SettingsError } from "./settings-error.ts";

/** One write and what the pack held afterwards; `found` is absent where it could not be read. */
export interface WriteRecord extends RegisterChange {
  readonly found?: Uint8Array;
}

/** Called with every write request that was sent. */
export type Audit = (record: WriteRecord) => void;

/** A write without an acknowledgement, after which the pack still holds the old data, was lost on the way. */
const ATTEMPTS = 4;

export const isEqual = (a: Uint8Array, b: Uint8Array) => Buffer.from(a).equals(b);
export const hex = (data: Uint8Array) => Buffer.from(data).toString("hex");

/**
 * Writes one register and reads it back. Only what is read counts: an acknowledgement is no proof, and a missing one is no
 * failure.
 * @throws {SettingsError} if the pack holds anything else @throws {FrameError} {RadioError}
 */
export async function writeRegister(session: SettingsSession, change: RegisterChange, audit: Audit): Promise<void> {
  const { register, before, after } = change;
  let unacknowledged: unknown;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    unacknowledged = undefined;
    let found: Uint8Array | undefined;
    try {
      unacknowledged = await session.write(register, after).then(
        () => undefined,
        (error) => error,
      );
      if (unacknowledged !== undefined && !isAnswerMissing(unacknowledged)) throw unacknowledged;
      found = await session.read(register);
    } finally {
      audit({ ...change, ...(found && { found }) });
    }
    if (isEqual(found, after)) return;
    if (unacknowledged === undefined) {
      throw new SettingsError(
        `the pack acknowledged ${hex(after)} for register ${hexByte(register)} but holds ${hex(found)}`,
      );
    }
    if (!isEqual(found, before)) {
      throw new SettingsError(
        `register ${hexByte(register)} holds ${hex(found)} after ${hex(after)} was written over ${hex(before)}`,
      );
    }
  }
  throw unacknowledged;
}

/** True where the write may have reached the pack: silence, or an answer that cannot be read. */
function isAnswerMissing(error: unknown): boolean {
  return isSilence(error) || (error instanceof FrameError && error.fault !== "refused");
}
