import { formatQuantity, QUANTITY_NAMES, type Quantity } from "../common/quantities.ts";
import type { Reading } from "../common/reading.ts";

/**
 * A document is handed over in one write. Linux takes one of this size into a unix socket whole or not at all, so that a
 * writer that dies leaves no half of a row, which Telegraf would take for a shorter number.
 */
export const MAX_DOCUMENT_BYTES = 16 * 1024 - 1;

/**
 * CSV documents: a header line and one or more rows of exactly its columns, each line ended by a line feed. The columns are
 * `meter`, `time` (ms since the Unix epoch) and the quantities present in the order of the vocabulary. Readings with the
 * same quantities share a document; one without any has no row.
 */
export function formatDocuments(readings: readonly Reading[]): string[] {
  const shapes = new Map<string, { readonly columns: readonly Quantity[]; readonly readings: Reading[] }>();
  for (const reading of readings) {
    const columns = QUANTITY_NAMES.filter((name) => reading.sample[name] !== undefined);
    const key = columns.join(",");
    const shape = shapes.get(key);
    if (shape) shape.readings.push(reading);
    else if (columns.length > 0) shapes.set(key, { columns, readings: [reading] });
  }
  return [...shapes].flatMap(([key, { columns, readings: alike }]) =>
    cut(
      `meter,time,${key}\n`,
      alike.map((reading) => formatRow(reading, columns)),
    ),
  );
}

function formatRow({ meter, takenAt, sample }: Reading, columns: readonly Quantity[]): string {
  let row = `${meter},${takenAt}`;
  for (const name of columns) {
    const value = sample[name];
    if (value !== undefined) row += `,${formatQuantity(name, value)}`;
  }
  return `${row}\n`;
}

/** As few documents as hold the rows. */
function cut(header: string, rows: readonly string[]): string[] {
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
