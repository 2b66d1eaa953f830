import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** The one path of a file or directory, whatever links lead to it. Parts that do not exist yet are kept as they are. */
export function realPath(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(realPath(parent), basename(absolute));
  }
}
