import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { figOf, figText, isFig, parseFig } from "./files/fig.ts";
import { parseProfile } from "./files/parse-profile.ts";
import { type Profile, ProfileError } from "./files/profile.ts";
import { tomlText } from "./files/toml.ts";

/** True of a word that names a file and not a pack. */
export function isFileName(word: string): boolean {
  return word.includes("/") || /\.(toml|fig|json)$/i.test(word);
}

/** Bytes are characters in the vendor's files; TOML and JSON are UTF-8. */
function readText(file: string): string {
  try {
    const bytes = readFileSync(file);
    const text = bytes.toString("latin1");
    return isFig(text) ? text : bytes.toString("utf8");
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** @throws {UsageError} */
export function readSettingsFile(file: string): Profile {
  try {
    return parseProfile(readText(file));
  } catch (error) {
    if (error instanceof ProfileError) throw new UsageError(`${file}: ${error.message}`, { cause: error });
    throw error;
  }
}

const FORMATS = ["toml", "fig"] as const;
type Format = (typeof FORMATS)[number];

/** The format by the extension; undefined for any other. */
export function formatOf(file: string): Format | undefined {
  return FORMATS.find((format) => file.toLowerCase().endsWith(`.${format}`));
}

/** Writes a file in place of an earlier one, of which unknown lines are kept. @throws {UsageError} */
export function saveSettingsFile(file: string, profile: Profile, registers: ReadonlyMap<number, Uint8Array>): void {
  const [text, encoding] =
    formatOf(file) === "fig"
      ? ([figText(figOf(registers, earlierFig(file))), "latin1"] as const)
      : ([tomlText(profile), "utf8"] as const);
  try {
    writeFileSync(`${file}.new`, text, { encoding });
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${(error as Error).message}`, { cause: error });
  }
}

function earlierFig(file: string) {
  const text = existsSync(file) ? readText(file) : "";
  return isFig(text) ? parseFig(text) : undefined;
}
