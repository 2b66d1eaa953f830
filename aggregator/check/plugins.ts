import { type ConfigurationFile, isTable, type Table, tables } from "./configuration.ts";

/** A table of the configuration with the path of its file. */
export interface PlacedTable {
  readonly path: string;
  readonly table: Table;
}

/** The table of a plugin. */
export interface Plugin extends PlacedTable {
  /** `outputs.influxdb`. */
  readonly name: string;
}

/** Tables of all plugins of a kind, or of those with one name, in the order of the files. */
export function plugins(
  files: readonly ConfigurationFile[],
  kind: "inputs" | "outputs",
  wanted?: string,
): readonly Plugin[] {
  return files.flatMap(({ path, content }) => {
    const byName = content[kind];
    if (!isTable(byName)) return [];
    return Object.entries(byName)
      .filter(([name]) => wanted === undefined || name === wanted)
      .flatMap(([name, value]) => tables(value).map((table) => ({ name: `${kind}.${name}`, path, table })));
  });
}

/** Settings of the agent. With several such tables, the last one wins in Telegraf, setting by setting. */
export function agentSettings(files: readonly ConfigurationFile[]): Table {
  return Object.assign({}, ...files.map(({ content }) => (isTable(content.agent) ? content.agent : {})));
}
