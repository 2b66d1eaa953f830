/** A table of Telegraf's configuration. */
export type Table = Readonly<Record<string, unknown>>;

/** One table or several of the same name. */
export function tables(value: unknown): Table[] {
  return [value].flat().filter((table): table is Table => typeof table === "object" && table !== null);
}
