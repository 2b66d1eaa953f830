import { UsageError } from "../../common/runtime/usage-error.ts";

/** What changes the machine is root's to do. @throws {UsageError} */
export function demandRoot(uid: number, command: string): void {
  if (uid !== 0) throw new UsageError(`${command} changes services of this machine: sudo ${command} …`);
}
