import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

export interface CachedFolder {
  readonly cache: string;
  /** The first part of the folder's name. A new folder replaces the earlier ones of its kind. */
  readonly kind: string;
  /** Changes with everything that the folder is made of. */
  readonly fingerprint: string;
  /** Fills an empty folder. */
  make(folder: string): void;
  log(line: string): void;
}

/** Returns a folder that is made once and kept for later runs. @throws whatever `make` throws */
export function cachedFolder({ cache, kind, fingerprint, make, log }: CachedFolder): string {
  const folder = join(cache, `${kind}-${fingerprint}`);
  if (existsSync(folder)) return folder;
  const startedAt = performance.now();
  log(`making ${folder}`);
  const work = join(cache, `making-${process.pid}`);
  try {
    mkdirSync(work, { recursive: true });
    make(work);
    for (const old of readdirSync(cache).filter((name) => name.startsWith(`${kind}-`))) {
      rmSync(join(cache, old), { recursive: true });
    }
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  log(`made in ${Math.round((performance.now() - startedAt) / 1000)} s`);
  return folder;
}
