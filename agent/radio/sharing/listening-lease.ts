import type { Clock } from "../../../common/runtime/clock.ts";
import type { Locks } from "../../../common/runtime/process-lock.ts";
import { adapterLocks } from "./adapter-locks.ts";
import { type Leases, leasesOn } from "./lease.ts";
import { listeningName } from "./names.ts";

/** A frozen process must not silence the others for long. */
const TIMES = { holdMs: 20_000, passOverMs: 22_000 };

/**
 * Leases among the processes that listen to advertisements on an adapter: one of them scans for all, the next one when
 * it ends or after a while.
 */
export function listeningLeases(
  adapter: string,
  { clock, locks = adapterLocks() }: { readonly clock: Clock; readonly locks?: Locks },
): Leases {
  return leasesOn(listeningName(adapter), TIMES, { clock, locks });
}
