/** A table for people, on stderr: each row a name and how it stands. */
export function statusTable(title: string, rows: readonly (readonly [name: string, standing: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return [title, ...rows.map(([name, standing]) => `  ${name.padEnd(width)}  ${standing}`), ""].join("\n");
}
