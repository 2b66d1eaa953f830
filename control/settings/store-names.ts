import { join } from "node:path";

/** Files about one pack, in the folder of the settings directory that is named like the pack. */
export const STORE_FILES = {
  /** The change that is under way, or was interrupted. */
  journal: "unfinished.json",
  /** The settings when the pack was last watched, or changed by this program. */
  known: "known.toml",
  /** The last changes that were found by watching, one sentence each. */
  changes: "changes.txt",
} as const;

export function storeFolder(directory: string, name: string): string {
  return join(directory, name.replaceAll(":", "-"));
}
