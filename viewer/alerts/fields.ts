import { nearestWord } from "../../common/model/nearest-word.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";

/** A table of the configuration file. */
export type Table = Readonly<Record<string, unknown>>;

/** A place in the configuration file, and the way to report that it is wrong. */
export interface Place {
  /** The path of the file. */
  readonly file: string;
  /** The file's content. */
  readonly text: string;
  /** Keys from the top; a number counts the tables of a list from 0. */
  readonly keys: readonly (string | number)[];
}

/** The error for a value that breaks its rule. */
export function wrong(place: Place, expected: string): UsageError {
  const line = lineOf(place);
  return new UsageError(
    `${place.file}${line === undefined ? "" : `, line ${line}`}: ${nameOf(place.keys)}: ${expected}`,
  );
}

export function within(place: Place, key: string | number): Place {
  return { ...place, keys: [...place.keys, key] };
}

/** Reads a table whose keys are all known. @throws {UsageError} that names the nearest known key */
export function readTable(value: unknown, place: Place, known: readonly string[]): Table {
  const table = asTable(value, place);
  for (const key of Object.keys(table)) {
    if (known.includes(key)) continue;
    const near = nearestWord(key, known, 3);
    throw wrong(within(place, key), `unknown; ${near ? `did you mean ${near}?` : `known are ${known.join(", ")}`}`);
  }
  return table;
}

/** @throws {UsageError} */
export function asTable(value: unknown, place: Place): Table {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Date)
    throw wrong(place, "expected a table");
  return value as Table;
}

/** Reads an optional value: `parse` returns undefined for a value that breaks `rule`. @throws {UsageError} */
export function readValue<T>(table: Table, key: string, place: Place, spec: ValueSpec<T>): T | undefined {
  const value = table[key];
  if (value === undefined) return undefined;
  const parsed = spec.parse(value);
  if (parsed === undefined) throw wrong(within(place, key), `expected ${spec.rule}`);
  return parsed;
}

interface ValueSpec<T> {
  readonly rule: string;
  parse(value: unknown): T | undefined;
}

export const text = (rule: string): ValueSpec<string> => ({
  rule,
  parse: (value) => (typeof value === "string" && value.trim() !== "" ? value.trim() : undefined),
});

export const bool: ValueSpec<boolean> = {
  rule: "true or false",
  parse: (value) => (typeof value === "boolean" ? value : undefined),
};

export function oneOf<const T extends string>(words: readonly T[]): ValueSpec<T> {
  return {
    rule: `one of ${words.map((word) => `"${word}"`).join(", ")}`,
    parse: (value) => words.find((word) => word === value),
  };
}

export function numberWithin(least: number, most: number, unit: string): ValueSpec<number> {
  return {
    rule: `a number from ${least} to ${most} (${unit})`,
    parse: (value) => (typeof value === "number" && value >= least && value <= most ? value : undefined),
  };
}

function nameOf(keys: Place["keys"]): string {
  const name = keys.reduce<string>((path, key) => {
    if (typeof key === "number") return `${path}[${key + 1}]`;
    return path === "" ? key : `${path}.${key}`;
  }, "");
  return name === "" ? "the file" : name;
}

/**
 * The line of a key, found by the layout that people write: a `[header]` and `key = …` below it. Undefined where the file
 * is written in another way.
 */
function lineOf({ text, keys }: Place): number | undefined {
  const lines = text.split("\n").map((line) => line.trim());
  const path = keys.filter((key): key is string => typeof key === "string");
  const count = keys.find((key) => typeof key === "number") ?? 0;
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const at = findKey(lines, path.slice(0, depth), path[depth], count);
    if (at !== undefined) return at + 1;
  }
  return undefined;
}

/** The line of `key = ` below its header, or of the header itself where `key` is undefined. */
function findKey(
  lines: readonly string[],
  header: readonly string[],
  key: string | undefined,
  nth: number,
): number | undefined {
  let isInside = header.length === 0;
  let seen = -1;
  for (const [at, line] of lines.entries()) {
    const [, name] = /^\[{1,2}\s*([^\]]+?)\s*\]{1,2}\s*(?:#.*)?$/.exec(line) ?? [];
    if (name !== undefined) {
      const isSame =
        name
          .split(/\s*\.\s*/)
          .map(unquoted)
          .join("\n") === header.join("\n");
      if (isSame) seen += 1;
      isInside = isSame && (!line.startsWith("[[") || seen === nth);
      if (isInside && key === undefined) return at;
    } else if (isInside && key !== undefined && unquoted(line.split(/[=.]/)[0]?.trim() ?? "") === key) return at;
  }
  return undefined;
}

const unquoted = (word: string) => word.replace(/^(["'])(.*)\1$/, "$2");
