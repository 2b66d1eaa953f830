import { formatQuantity, QUANTITY_NAMES, type Quantity } from "../../common/model/quantities.ts";
import type { Reading, Sample } from "../../common/model/reading.ts";

/**
 * Longest document. A document is one write, and Linux takes a write of this size into a unix socket completely or not at
 * all. So a killed writer never leaves half a row, which Telegraf would read as a shorter number.
 */
export const MAX_DOCUMENT_BYTES = 16 * 1024 - 1;

/** The columns of a sample with exactly these quantities. */
interface Shape {
  readonly header: string;
  readonly columns: readonly Quantity[];
}

/** Shapes by the names of their quantities, in the order of the sample. A driver produces only a few. */
const knownShapes = new Map<string, Shape>();
const MAX_KNOWN_SHAPES = 256;

/**
 * Formats readings as CSV documents: a header line and one or more rows of exactly its columns, each line ended by a line
 * feed. The columns are `meter`, `time` (ms since the Unix epoch) and the quantities present, in the order of the
 * vocabulary. Readings with the same quantities share a document. A reading without quantities has no row.
 */
export function formatDocuments(readings: readonly Reading[]): string[] {
  const rowsByHeader = new Map<string, string[]>();
  for (const reading of readings) {
    const { header, columns } = shapeOf(reading.sample);
    if (columns.length === 0) continue;
    const row = formatRow(reading, columns);
    const rows = rowsByHeader.get(header);
    if (rows) rows.push(row);
    else rowsByHeader.set(header, [row]);
  }
  return [...rowsByHeader].flatMap(([header, rows]) => splitIntoDocuments(header, rows));
}

function shapeOf(sample: Sample): Shape {
  const key = Object.keys(sample).join();
  const known = knownShapes.get(key);
  if (known) return known;
  const columns = QUANTITY_NAMES.filter((name) => sample[name] !== undefined);
  const shape = { header: `meter,time,${columns.join()}\n`, columns };
  if (knownShapes.size >= MAX_KNOWN_SHAPES) knownShapes.clear();
  knownShapes.set(key, shape);
  return shape;
}

function formatRow({ meter, takenAt, sample }: Reading, columns: readonly Quantity[]): string {
  let row = `${meter},${takenAt}`;
  for (const name of columns) {
    const value = sample[name];
    if (value !== undefined) row += `,${formatQuantity(name, value)}`;
  }
  return `${row}\n`;
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
