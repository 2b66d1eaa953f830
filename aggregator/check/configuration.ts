import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parse, TomlError } from "smol-toml";

/** A table of Telegraf's configuration. */
export type Table = Readonly<Record<string, unknown>>;

/** One of Telegraf's configuration files, parsed. */
export interface ConfigurationFile {
  readonly path: string;
  readonly content: Table;
}

/** Telegraf's configuration as far as it could be read, in the order in which Telegraf reads it. */
export interface ReadConfiguration {
  readonly files: readonly ConfigurationFile[];
  /** One sentence without a final stop for each file or directory that could not be read. */
  readonly unread: readonly string[];
}

/** Reads files, and directories with every `.conf` file below them, as Telegraf does. */
export async function readConfiguration(paths: readonly string[]): Promise<ReadConfiguration> {
  const files: ConfigurationFile[] = [];
  const unread: string[] = [];
  for (const path of paths) {
    for (const file of await configurationFiles(path, unread)) {
      try {
        files.push({ path: file, content: parse(await readFile(file, "utf8")) });
      } catch (error) {
        unread.push(`${file} was not checked: ${reasonOf(error)}`);
      }
    }
  }
  return { files, unread };
}

async function configurationFiles(path: string, unread: string[]): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const inside = await readdir(path, { recursive: true });
    return inside
      .filter((name) => name.endsWith(".conf"))
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    unread.push(`${path} was not checked: ${reasonOf(error)}`);
    return [];
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof TomlError) return `line ${error.line} is not valid TOML`;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "it does not exist";
  if (code === "EACCES") return "permission denied";
  return message;
}

export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One table, or several of the same name. */
export function tables(value: unknown): Table[] {
  return [value].flat().filter(isTable);
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of a duration in Telegraf's notation (`"1m30s"`, or a number of seconds); undefined for other values. */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === "number") return value * 1000;
  if (typeof value !== "string") return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|[smhd]))+$/.test(value)) return undefined;
  return [...value.matchAll(/([\d.]+)(\D+)/g)].reduce(
    (ms, [, count, unit]) => ms + Number(count) * (UNIT_MS[unit as string] as number),
    0,
  );
}
