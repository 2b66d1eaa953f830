/** Bounds of what is sent. */
export interface LedgerBounds {
  /** Window: most readings sent beyond the credit. */
  readonly window: number;
  /** Bytes of readings in one message, at most, unless one alone has more. */
  readonly messageBytes: number;
}

/** Bounds of what is sent, and of what is kept. */
export interface OutboxBounds extends LedgerBounds {
  /** Most bytes in memory, beyond which the oldest reading there is dropped. */
  readonly memoryBytes: number;
  /** Most bytes on disk, beyond which the oldest file is dropped. */
  readonly diskBytes: number;
}

const MIB = 1024 * 1024;

export const BOUNDS: OutboxBounds = {
  memoryBytes: 16 * MIB,
  diskBytes: 40 * MIB,
  window: 128,
  messageBytes: 16 * 1024,
};
