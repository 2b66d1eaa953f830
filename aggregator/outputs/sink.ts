import type { Row } from "../../common/model/row.ts";

/** An open connection to one output. It encodes readings by itself and ends with the first loss; then open another one. */
export interface Sink {
  /**
   * Writes readings and resolves once the receiver (at least its kernel) has taken them. One call at a time.
   *
   * @throws {SinkError} when the receiver is lost; which of the readings it has is unknown.
   */
  write(readings: readonly Row[]): Promise<void>;
  /**
   * Requests a read receipt for everything written so far. Resolves when later writes are no longer covered; `read`
   * resolves when the receiver has confirmed, waits while the receiver is stuck, and rejects with SinkError when it is
   * lost. Absent where the receiver can confirm nothing.
   */
  beginReceipt?(): Promise<{ readonly read: Promise<void> }>;
  /** Aborts with a SinkError when the receiver is lost, also while nothing is being written. */
  readonly lost: AbortSignal;
  /** Closes at once. What was written stays written. */
  close(): void;
}

/** @throws {SinkError} */
export type OpenSink = () => Promise<Sink>;

/** The receiver cannot be reached. The message is for the operator: what happened, and what to do. */
export class SinkError extends Error {
  override readonly name = "SinkError";
  /** True if it can never be reached again. */
  readonly isFinal: boolean;
  constructor(message: string, options: ErrorOptions & { readonly isFinal?: boolean } = {}) {
    super(message, options);
    this.isFinal = options.isFinal ?? false;
  }
}
