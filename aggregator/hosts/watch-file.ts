import { statSync } from "node:fs";
import type { Clock } from "../../common/runtime/clock.ts";

const LOOK_EVERY_MS = 1_000;

export interface FileWatch {
  /** Looks now. */
  look(): void;
  end(): void;
}

/** Calls `changed` within a second after a file was written, replaced, made or removed. */
export function watchFile(file: string, clock: Clock, changed: () => void): FileWatch {
  let seen = identityOf(file);
  let cancel = clock.timer(LOOK_EVERY_MS, look);

  function look() {
    cancel();
    cancel = clock.timer(LOOK_EVERY_MS, look);
    const now = identityOf(file);
    if (now === seen) return;
    seen = now;
    changed();
  }
  return { look, end: () => cancel() };
}

/** Another one after each change; empty where there is no file. */
export function identityOf(file: string): string {
  const info = statSync(file, { bigint: true, throwIfNoEntry: false });
  return info ? `${info.dev} ${info.ino} ${info.size} ${info.mtimeNs} ${info.ctimeNs}` : "";
}
