import { statSync } from "node:fs";
import type { Clock } from "../../common/runtime/clock.ts";

const LOOK_EVERY_MS = 1_000;

/** Calls `changed` within a second after a file was written, replaced, made or removed. Returns the function that ends it. */
export function watchFile(file: string, clock: Clock, changed: () => void): () => void {
  let seen = identityOf(file);
  let cancel = clock.timer(LOOK_EVERY_MS, look);

  function look() {
    cancel = clock.timer(LOOK_EVERY_MS, look);
    const now = identityOf(file);
    if (now === seen) return;
    seen = now;
    changed();
  }
  return () => cancel();
}

/** Another one after each change; empty where there is no file. */
export function identityOf(file: string): string {
  const info = statSync(file, { bigint: true, throwIfNoEntry: false });
  return info ? `${info.dev} ${info.ino} ${info.size} ${info.mtimeNs} ${info.ctimeNs}` : "";
}
