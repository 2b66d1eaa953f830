import { printable } from "../model/printable.ts";

/** Rows of cells as aligned text: two blanks between columns, one line each. */
export function formatColumns(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(printable));
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

/** A titled table of names and values. */
export function statusTable(title: string, rows: readonly (readonly [name: string, value: string])[]): string {
  return `${printable(title)}\n${formatColumns(rows.map(([name, value]) => [`  ${name}`, value]))}`;
}

/** Seconds for people: 45 s, 12 min, 3 h, 2 d. */
export function formatAge(seconds: number): string {
  const units = [
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
  ] as const;
  const [unit, length] = units.find(([, long]) => seconds >= 2 * long) ?? ["s", 1];
  return `${Math.floor(seconds / length)} ${unit}`;
}
