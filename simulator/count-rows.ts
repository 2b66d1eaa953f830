/** Counts what a CSV stream of the aggregator holds: documents of a header line and rows, each ended by an empty line. */
export interface CsvCount {
  /** Takes the next line of the stream. */
  take(line: string): void;
  /** Distinct readings with a measurement (`online` is 1), by meter. */
  readonly measured: ReadonlyMap<string, ReadonlySet<string>>;
  /** Rows of readings that had been counted before. */
  readonly repeated: number;
}

export function countCsv(): CsvCount {
  const measured = new Map<string, Set<string>>();
  let header: string[] | undefined;
  let repeated = 0;
  return {
    measured,
    get repeated() {
      return repeated;
    },
    take(line) {
      if (line === "") {
        header = undefined;
        return;
      }
      const cells = line.split(",");
      if (!header) {
        header = cells;
        return;
      }
      const cell = (name: string) => cells[header?.indexOf(name) ?? -1] ?? "";
      if (cell("online") !== "1") return;
      const times = measured.get(cell("meter")) ?? new Set();
      measured.set(cell("meter"), times);
      if (times.has(cell("time"))) repeated++;
      times.add(cell("time"));
    },
  };
}
