import type { Entry } from "./entry.ts";

/** The readings that the ledger counts. */
export interface ReadingSource {
  /** Undefined if the reading is lost. */
  read(run: string, seq: number): Entry | undefined;
  /** Called when nothing of a run below a number is needed any more. */
  release(run: string, below: number): void;
}
