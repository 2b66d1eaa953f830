/**
 * Decides when data that the receiver has read counts as durable: after the receiver has been observed working for a full
 * flush window since. Two receipts prove that it worked in between if both came promptly and not too far apart. Time in
 * which it was stalled does not count, since it flushed nothing then.
 */
export class FlushWindow<Mark> {
  readonly #windowMs: number;
  readonly #promptMs: number;
  readonly #maxGapMs: number;
  readonly #marks: { readonly mark: Mark; readonly workedMs: number }[] = [];
  #workedMs = 0;
  #readAt: number | undefined;

  /** `promptMs`: longest wait for a receipt; `maxGapMs`: longest time between two receipts that proves anything. */
  constructor(windowMs: number, promptMs: number, maxGapMs: number) {
    this.#windowMs = windowMs;
    this.#promptMs = promptMs;
    this.#maxGapMs = maxGapMs;
  }

  /**
   * Records a receipt for everything up to `mark`, requested and received at these times (ms, monotonic). Returns the newest
   * mark that has become durable, once.
   */
  receipt(mark: Mark, requestedAt: number, readAt: number): Mark | undefined {
    const previous = this.#readAt;
    if (previous !== undefined && readAt - requestedAt <= this.#promptMs && readAt - previous <= this.#maxGapMs) {
      this.#workedMs += readAt - previous;
    }
    this.#readAt = readAt;
    this.#marks.push({ mark, workedMs: this.#workedMs });
    const open = this.#marks.findIndex(({ workedMs }) => this.#workedMs - workedMs < this.#windowMs);
    const durable = this.#marks.splice(0, open < 0 ? this.#marks.length : open);
    return durable.at(-1)?.mark;
  }
}
