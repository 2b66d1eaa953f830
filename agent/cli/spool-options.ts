import type { Environment } from "../../common/cli/option.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import type { SpoolOptions, SpoolWhen } from "../outbox/spool-policy.ts";

/** Stands for `--spool-when always` in place of a directory. A directory of that name is `./always`. */
const ALWAYS = "always";

interface SpoolValues {
  readonly spool: string | undefined;
  readonly spoolWhen: SpoolWhen | undefined;
}

/** Undefined keeps readings in memory only. @throws {UsageError} if the directory is missing */
export function readSpoolOptions({ spool, spoolWhen }: SpoolValues, env: Environment): SpoolOptions | undefined {
  const when = spool === ALWAYS ? ALWAYS : spoolWhen;
  const folder = spool === undefined || spool === ALWAYS ? env.STATE_DIRECTORY : spool;
  if (folder) return { folder, when: when ?? "away" };
  if (when !== ALWAYS) return undefined;
  throw new UsageError(
    "no directory to spool to: give --spool /var/lib/bms/solar --spool-when always, with a directory for this agent alone",
  );
}
