import { MAX_CELLS } from "../../../common/model/quantities.ts";
import { FrameError } from "../../codec/frame-error.ts";
import { layoutSize, type Row, readLayout, writeLayout } from "../../codec/layout.ts";

/** Register 0x04, cell voltages: one row for each cell, as many as the payload's length says. */
export const CELL = [{ name: "millivolts", at: 0, raw: "u16be" }] as const satisfies readonly Row[];
const CELL_SIZE = layoutSize(CELL);

/** Millivolts in the order of the cells; an unconnected input reads 0 and keeps its place. @throws {FrameError} */
export function decodeCells(payload: Uint8Array): readonly number[] {
  const count = payload.length / CELL_SIZE;
  if (!Number.isInteger(count) || count > MAX_CELLS) {
    throw new FrameError("malformed", `the cell voltages are ${payload.length} bytes long, which no pack's can be`);
  }
  return Array.from({ length: count }, (_, i) => readLayout(CELL, payload, CELL_SIZE * i).millivolts);
}

/** The payload of these millivolts. @throws {RangeError} */
export function encodeCells(cells: readonly number[]): Uint8Array {
  return Uint8Array.from(cells.flatMap((millivolts) => [...writeLayout(CELL, { millivolts })]));
}
