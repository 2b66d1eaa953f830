import { formatFixed } from "../../common/model/quantities.ts";
import type { Row } from "../../common/model/row.ts";

/**
 * Longest document. A document is one write, and Linux takes a write of this size into a unix socket completely or not at
 * all. So a killed writer never leaves half a row, which Telegraf would read as a shorter number.
 */
export const MAX_DOCUMENT_BYTES = 16 * 1024 - 1;

/**
 * Formats readings as CSV documents: a header line and one or more rows of exactly its columns, each line ended by a line
 * feed. The columns are `meter`, `time` (ms since the Unix epoch), `site` where there is one, and the quantities present, in
 * the order of the vocabulary. Readings with the same columns share a document. A reading without quantities has no row.
 */
export function formatDocuments(readings: readonly Row[]): string[] {
  const rowsByHeader = new Map<string, string[]>();
  for (const reading of readings) {
    const { site, columns } = reading;
    if (columns.header === "") continue;
    // Without a site it is a text that all rows share, so that its hash is known.
    const header = site === undefined ? columns.header : `site,${columns.header}`;
    const rows = rowsByHeader.get(header);
    if (rows) rows.push(formatRow(reading));
    else rowsByHeader.set(header, [formatRow(reading)]);
  }
  return [...rowsByHeader].flatMap(([header, rows]) => splitIntoDocuments(`meter,time,${header}\n`, rows));
}

/** An int is printed by `join` as `formatQuantity` prints it, and most columns are ints. */
function formatRow({ site, meter, takenAt, columns, values }: Row): string {
  const cells: (number | string)[] = values.slice();
  for (const { at, decimals } of columns.floats) cells[at] = formatFixed(values[at] as number, decimals);
  return `${meter},${takenAt},${site === undefined ? "" : `${site},`}${cells.join()}\n`;
}

/** The fewest documents that hold the rows. */
function splitIntoDocuments(header: string, rows: readonly string[]): string[] {
  const documents: string[] = [];
  let document = "";
  let bytes = 0;
  for (const row of rows) {
    const rowBytes = Buffer.byteLength(row);
    if (document === "" || bytes + rowBytes > MAX_DOCUMENT_BYTES) {
      if (document !== "") documents.push(document);
      document = header;
      bytes = header.length;
    }
    document += row;
    bytes += rowBytes;
  }
  if (document !== "") documents.push(document);
  return documents;
}
