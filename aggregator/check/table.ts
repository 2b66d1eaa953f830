/** A table of Telegraf's configuration. */
export type Table = Readonly<Record<string, unknown>>;

export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One table or several of the same name. */
export function tables(value: unknown): Table[] {
  return [value].flat().filter(isTable);
}
