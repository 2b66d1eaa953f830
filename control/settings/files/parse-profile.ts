import { figValues, isFig, parseFig } from "./fig.ts";
import { parseJbdtool } from "./jbdtool.ts";
import type { Profile } from "./profile.ts";
import { parseToml } from "./toml.ts";

/**
 * Reads a file of settings of any known form, which its content shows. `chip` is the front-end chip of the pack that it is
 * for, where that is known: it decides what bytes of 0x38 and 0x39 mean.
 * @throws {ProfileError}
 */
export function parseProfile(text: string, chip?: number): Profile {
  if (isFig(text)) return withCells(figValues(parseFig(text), chip));
  if (text.trimStart().startsWith("{")) return withCells(parseJbdtool(text, chip));
  return parseToml(text);
}

function withCells(values: Profile["values"]): Profile {
  return { pack: typeof values.cells === "number" ? { cells: values.cells } : {}, values };
}
