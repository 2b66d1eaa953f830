/** A row of CSV by column name; `meter` and `time` included. */
export type Row = Readonly<Record<string, string>>;

/** Reads the CSV that the aggregator prints: documents of a header line and rows, each ended by an empty line. */
export function csvRows(onRow: (row: Row) => void): (line: string) => void {
  let header: readonly string[] | undefined;
  return (line) => {
    if (line === "") header = undefined;
    else if (!header) header = line.split(",");
    else onRow(Object.fromEntries(line.split(",").map((cell, i) => [header?.[i] ?? "", cell])));
  };
}
