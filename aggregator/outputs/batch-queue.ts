import type { Batch } from "../run-tracker.ts";

/** Readings written between two acknowledgements, approximately. */
const READINGS_PER_WRITE = 256;
/** Queue limit, in readings. */
export const MAX_WAITING = 8192;

/** Batches that wait to be written to one output, oldest first. */
export class BatchQueue {
  readonly #batches: Batch[] = [];
  #queued = 0;
  #writing = 0;

  /** Readings that are queued or being written. */
  get waiting(): number {
    return this.#queued + this.#writing;
  }

  get isEmpty(): boolean {
    return this.#queued === 0;
  }

  /** Adds a batch; false where that passes the limit, and then the whole queue is dropped. */
  add(batch: Batch): boolean {
    this.#batches.push(batch);
    this.#queued += batch.readings.length;
    if (this.#queued <= MAX_WAITING) return true;
    this.clear();
    return false;
  }

  clear(): void {
    this.#batches.length = 0;
    this.#queued = 0;
  }

  /** Removes the batches to write next, whose readings count as waiting until `written` is called. */
  take(): Batch[] {
    let readings = 0;
    let batches = 0;
    for (const batch of this.#batches) {
      if (readings >= READINGS_PER_WRITE) break;
      readings += batch.readings.length;
      batches += 1;
    }
    this.#queued -= readings;
    this.#writing = readings;
    return this.#batches.splice(0, batches);
  }

  /** Ends what `take` began. Returns the number of readings. */
  written(): number {
    const readings = this.#writing;
    this.#writing = 0;
    return readings;
  }
}
