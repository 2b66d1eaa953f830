/** An open way to one output. It ends with the first loss; who needs another opens one. */
export interface Sink {
  /**
   * Resolves once the receiver has taken the document, which is one header with rows. One at a time.
   *
   * @throws {SinkError} when the receiver is lost; what of the document it has is unknown.
   */
  write(document: string): Promise<void>;
  /**
   * Begins a receipt for all that was written so far: resolves once everything written from now on is apart from it, with
   * the promise of the receipt. That one rejects with SinkError when the receiver is lost; while the receiver is stuck
   * it waits. Absent where the receiver can give none.
   */
  beginReceipt?(): Promise<{ readonly read: Promise<void> }>;
  /** Aborts with a SinkError when the receiver is lost, also while nothing is written. */
  readonly lost: AbortSignal;
  /** Ends at once. What was written stays written. */
  close(): void;
}

/** @throws {SinkError} */
export type OpenSink = () => Promise<Sink>;

/** A receiver is away. The message is for the operator: what happened, and what to do. */
export class SinkError extends Error {
  override readonly name = "SinkError";
  /** Whether it can never come back. */
  readonly isFinal: boolean;
  constructor(message: string, options: ErrorOptions & { readonly isFinal?: boolean } = {}) {
    super(message, options);
    this.isFinal = options.isFinal ?? false;
  }
}
