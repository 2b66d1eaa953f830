import { uptime } from "node:os";
import { formatLine } from "./lines.ts";

/** Looks whether something holds. Resolves with figures, where there are some; throws where it does not. */
export type Look = () => Promise<string | undefined> | Promise<void>;

/** Says what holds and what does not, each in a line. */
export async function check(about: string, look: Look): Promise<boolean> {
  const startedAt = performance.now();
  const took = () => `${Math.round((performance.now() - startedAt) / 1000)} s of ${Math.round(uptime())}`;
  try {
    const figures = await look();
    say(formatLine(about, true, figures ? `${figures} (${took()})` : took()));
    return true;
  } catch (error) {
    const { message, cause } = error as Error;
    say(formatLine(about, false, `${message}${cause ? `: ${(cause as Error).message}` : ""} (${took()})`));
    return false;
  }
}

/** As `check`, for what everything after it stands on. @throws {Error} where it does not hold */
export async function demand(about: string, look: Look): Promise<void> {
  if (!(await check(about, look))) throw new Error(`nothing can be shown without this: ${about}`);
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** @throws {Error} with what was seen */
export function expect(holds: boolean, seen: string): void {
  if (!holds) throw new Error(seen);
}
