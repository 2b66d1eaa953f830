import { UsageError } from "../../common/runtime/usage-error.ts";
import type { SpoolWhen } from "../outbox/spool-policy.ts";
import type { Words } from "./command.ts";

/** Where readings outlive their agent, and when they are written there. */
export interface SpoolChoice {
  readonly folder: string;
  readonly when: SpoolWhen;
}

/** Says `when` in place of a folder. A folder of that name is `./always`. */
const ALWAYS = "always";

/** Undefined to keep readings in memory only. @throws {UsageError} where no folder is known for what is asked */
export function chooseSpool({ values, env }: Words): SpoolChoice | undefined {
  const { spool, spoolWhen } = values;
  const when = spool === ALWAYS ? ALWAYS : spoolWhen;
  const folder = spool === undefined || spool === ALWAYS ? env.STATE_DIRECTORY : spool;
  if (folder) return { folder, when: when ?? "away" };
  if (when !== ALWAYS) return undefined;
  throw new UsageError(
    "in which folder? say --spool /var/lib/bms/solar --spool-when always with one for this agent alone",
  );
}
