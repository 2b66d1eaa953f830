import { readFileSync } from "node:fs";
import { UsageError } from "../../common/runtime/usage-error.ts";

/** Made by sysusers.d. */
const WRITERS = "bms-settings";

export interface User {
  readonly uid: number;
  /** Numbers of the groups of which the user is a member. */
  readonly groups: readonly number[];
}

/** @throws {UsageError} unless the user is root or a member of the group. `groupFile`: the text of /etc/group */
export function requireWriter({ uid, groups }: User, groupFile = readFileSync("/etc/group", "utf8")): void {
  const group = new RegExp(`^${WRITERS}:[^:]*:(\\d+):`, "m").exec(groupFile)?.[1];
  if (uid === 0 || (group !== undefined && groups.includes(Number(group)))) return;
  throw new UsageError(
    `only root and members of the group ${WRITERS} may change a pack: use sudo, or sudo usermod -aG ${WRITERS} YOU and log in again`,
  );
}
