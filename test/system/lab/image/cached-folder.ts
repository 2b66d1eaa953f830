import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

export interface CachedFolder {
  readonly cache: string;
  /** Of the folder's name: earlier ones of this kind go when a new one is made. */
  readonly kind: string;
  /** Changes with everything that the folder is made of. */
  readonly fingerprint: string;
  /** What it is, for people. */
  readonly about: string;
  /** Fills an empty folder. */
  make(folder: string): void;
  say(line: string): void;
}

/** A folder that is made once, aside, and kept for later runs. @throws whatever its making throws */
export function cachedFolder({ cache, kind, fingerprint, about, make, say }: CachedFolder): string {
  const folder = join(cache, `${kind}-${fingerprint}`);
  if (existsSync(folder)) return folder;
  const startedAt = performance.now();
  say(`making ${about}`);
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
  say(`made in ${Math.round((performance.now() - startedAt) / 1000)} s`);
  return folder;
}
