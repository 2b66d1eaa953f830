import { join } from "node:path";
import { openSpool, type SpoolDeps } from "./spool/spool.ts";
import { type SpoolOptions, SYNC_AFTER_MS } from "./spool-policy.ts";
import type { Tiers } from "./store.ts";

const RUNTIME_FILE_BYTES = 16 * 1024;
const DISK_FILE_BYTES = 256 * 1024;

/** The tier in a runtime directory, such as systemd's `$RUNTIME_DIRECTORY`, and the tier on disk. */
export interface TierOptions {
  readonly runtimeDirectory: string | undefined;
  readonly spool: SpoolOptions | undefined;
}

/** The directory that outlives the agent longest, undefined if there is none. */
export function lastingDirectory({ runtimeDirectory, spool }: TierOptions): string | undefined {
  return spool?.folder ?? (runtimeDirectory && runtimeSpool(runtimeDirectory));
}

/** @throws {LockError} if another agent uses a directory @throws {UsageError} if a directory cannot exist */
export async function openTiers({ runtimeDirectory, spool }: TierOptions, deps: SpoolDeps): Promise<Tiers> {
  const runtime = runtimeDirectory
    ? await openSpool(
        runtimeSpool(runtimeDirectory),
        { name: "RUNTIME_DIRECTORY", syncAfterMs: undefined, fileBytes: RUNTIME_FILE_BYTES },
        deps,
      )
    : undefined;
  const disk = spool
    ? await openSpool(
        spool.folder,
        { name: "--spool", syncAfterMs: SYNC_AFTER_MS[spool.when], fileBytes: DISK_FILE_BYTES },
        deps,
      )
    : undefined;
  return { runtime, disk };
}

const runtimeSpool = (runtimeDirectory: string) => join(runtimeDirectory, "spool");
