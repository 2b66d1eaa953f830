import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Address } from "../../common/model/address.ts";
import { factoryModeMarker } from "../../common/runtime/settings-directory.ts";
import { STORE_FILES, storeFolder } from "../settings/store-names.ts";
import { type Finding, note, ok, unknown, wrong } from "./finding.ts";

/** Changes that bmsctl settings watch found are shown for this long. */
const SHOWN_MS = 7 * 86_400_000;

/** Files that `bmsctl settings` has left behind about a pack, and findings of its watch. */
export function checkParameters(
  { name, address }: { readonly name: string; readonly address: Address | undefined },
  directory: string,
  now: number,
): Finding[] {
  const folder = storeFolder(directory, name);
  const about = `settings of ${name}`;
  try {
    const journal = textOf(join(folder, STORE_FILES.journal));
    const changesFile = join(folder, STORE_FILES.changes);
    const changes = textOf(changesFile);
    const known = textOf(join(folder, STORE_FILES.known));
    const changedAt = changes === undefined ? Number.NEGATIVE_INFINITY : statSync(changesFile).mtimeMs;
    return [
      ...(journal === undefined
        ? []
        : [
            wrong(
              about,
              "a change was interrupted",
              `sudo bmsctl settings ${name} shows what it left, and how to restore`,
            ),
          ]),
      ...(address !== undefined && existsSync(factoryModeMarker(directory, address))
        ? [wrong(about, "the pack may be in factory mode", `sudo systemctl restart bms-agent@${name}, which leaves it`)]
        : []),
      ...(changes !== undefined && now - changedAt < SHOWN_MS
        ? changes
            .trim()
            .split("\n")
            .map((sentence) => note(about, sentence))
        : known === undefined
          ? []
          : [ok(about, "are as last known")]),
    ];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    return [unknown(about, "may not be read by this user", "sudo bmsctl doctor")];
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
