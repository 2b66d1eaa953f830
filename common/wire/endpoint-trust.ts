import { lstatSync, realpathSync, type Stats } from "node:fs";
import { dirname } from "node:path";

/** The users whose programs may listen at an endpoint, or why its directory cannot be trusted. */
export type EndpointTrust = { readonly listeners: ReadonlySet<number> } | { readonly fault: string };

/** The file system, as far as trust needs it. */
export interface FileOwners {
  /** Does not follow a link. */
  lookAt(path: string): Pick<Stats, "uid" | "mode" | "isDirectory">;
  realPath(path: string): string;
}

const FILES: FileOwners = { lookAt: lstatSync, realPath: realpathSync };

const WRITABLE_BY_OTHERS = 0o002;

/**
 * Trusts root, the user `uid`, and the owner of the endpoint's directory. Below a directory in which everybody may create
 * files, such as /tmp, another user could have made the endpoint's directory first: there every part of the path must
 * belong to root or `uid`.
 */
export function trustEndpoint(path: string, uid: number, files = FILES): EndpointTrust {
  const listeners = new Set([0, uid]);
  const directory = dirname(path);
  try {
    for (const start of new Set([directory, files.realPath(directory)])) {
      let isPublic = false;
      for (const part of partsOf(start)) {
        const info = files.lookAt(part);
        if (isPublic && info.uid !== 0 && info.uid !== uid) {
          return { fault: `${part} belongs to another user (uid ${info.uid})` };
        }
        isPublic ||= info.isDirectory() && (info.mode & WRITABLE_BY_OTHERS) !== 0;
      }
      if (!isPublic) listeners.add(files.lookAt(start).uid);
    }
  } catch (error) {
    // Nobody listens in a directory that does not exist or cannot be entered.
    if (!isMissing(error)) throw error;
  }
  return { listeners };
}

/** A directory and everything above it, from the root. */
function partsOf(directory: string): string[] {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [...partsOf(parent), directory];
}

function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "EACCES", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "");
}
