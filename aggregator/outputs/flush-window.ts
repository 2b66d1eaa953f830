/**
 * Decides when what a receiver has read is kept by it for good: once it has demonstrably worked for a whole flush window
 * since. It works between two receipts when both came promptly and not too far apart; a receiver that stood still in
 * between, as a whole or in turns, gets no credit for that time, since it flushed nothing then.
 */
export class Settlement<Mark> {
  readonly #windowMs: number;
  readonly #promptMs: number;
  readonly #apartMs: number;
  readonly #marks: { readonly mark: Mark; readonly workedMs: number }[] = [];
  #workedMs = 0;
  #readAt: number | undefined;

  /** `promptMs`: what a receipt may take at most; `apartMs`: how far apart two may be to speak for the time between. */
  constructor(windowMs: number, promptMs: number, apartMs: number) {
    this.#windowMs = windowMs;
    this.#promptMs = promptMs;
    this.#apartMs = apartMs;
  }

  /**
   * A receipt for all up to `mark`, asked for and received at these times (ms, monotonic). Returns the newest mark that is
   * settled by now, once.
   */
  receipt(mark: Mark, askedAt: number, readAt: number): Mark | undefined {
    const before = this.#readAt;
    if (before !== undefined && readAt - askedAt <= this.#promptMs && readAt - before <= this.#apartMs) {
      this.#workedMs += readAt - before;
    }
    this.#readAt = readAt;
    this.#marks.push({ mark, workedMs: this.#workedMs });
    const open = this.#marks.findIndex(({ workedMs }) => this.#workedMs - workedMs < this.#windowMs);
    const settled = this.#marks.splice(0, open < 0 ? this.#marks.length : open);
    return settled.at(-1)?.mark;
  }
}
