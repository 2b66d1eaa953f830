import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { type Point, parseLineProtocol } from "../telegraf/point.ts";

/** Enough for the latest rows of all meters. */
const TAIL = 32_768;

/** The points of a file that Telegraf writes. A line that is still being written is left out. */
export function pointsOf(path: string): Point[] {
  const text = readFileSync(path, "utf8");
  return parseLineProtocol(text.slice(0, text.lastIndexOf("\n") + 1));
}

/** Time of the newest row of each meter that has one among the last rows, which is cheap. */
export function newestRowsOf(path: string): Map<string, number> {
  const file = openSync(path, "r");
  const bytes = Buffer.alloc(TAIL);
  const from = Math.max(0, fstatSync(file).size - TAIL);
  const text = bytes.toString("utf8", 0, readSync(file, bytes, 0, TAIL, from));
  closeSync(file);
  const rows = [...text.matchAll(/^battery,\S*meter=([^, ]+)\S* .* (\d+)\d{6}$/gm)];
  return new Map(rows.map(([, meter = "", time]) => [meter, Number(time)]));
}
