import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parse, TomlError } from "smol-toml";
import type { Table } from "./table.ts";

/** Where Telegraf's packages have their configuration. */
export const TELEGRAF_CONFIGURATION = ["/etc/telegraf/telegraf.conf", "/etc/telegraf/telegraf.d"] as const;

/** One of Telegraf's configuration files, parsed. */
export interface ConfigurationFile {
  readonly path: string;
  readonly content: Table;
}

/** Telegraf's configuration as far as it could be read, in the order in which Telegraf reads it. */
export interface ReadConfiguration {
  readonly files: readonly ConfigurationFile[];
  /** One sentence for each file or folder that could not be read. */
  readonly unread: readonly string[];
}

/** Reads files, and folders with every `.conf` file below them, as Telegraf does. */
export async function readConfiguration(paths: readonly string[]): Promise<ReadConfiguration> {
  const files: ConfigurationFile[] = [];
  const unread: string[] = [];
  for (const path of paths) {
    for (const file of await configurationFiles(path, unread)) {
      try {
        files.push({ path: file, content: parse(await readFile(file, "utf8")) });
      } catch (error) {
        unread.push(`${file} was not checked: ${reason(error)}.`);
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
    unread.push(`${path} was not checked: ${reason(error)}.`);
    return [];
  }
}

function reason(error: unknown): string {
  if (error instanceof TomlError) return `line ${error.line} is no TOML that can be read here`;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "it does not exist";
  if (code === "EACCES") return "permission denied";
  return message;
}
