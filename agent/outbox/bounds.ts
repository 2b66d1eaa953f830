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
  /** Longest time without an answer of the aggregator that is not logged, ms. */
  readonly silenceMs: number;
  /** Most bytes on disk, beyond which the oldest file is dropped. */
  readonly diskBytes: number;
}

const MIB = 1024 * 1024;

export const BOUNDS: OutboxBounds = {
  memoryBytes: 16 * MIB,
  diskBytes: 40 * MIB,
  window: 128,
  messageBytes: 16 * 1024,
  silenceMs: 5_000,
};

/**
 * Over a network. At 20 kB/s and 300 ms each way 64 readings of 250 bytes keep the link busy, and the newest reading waits for
 * less than 1 s behind them. A link that loses packets is silent for seconds.
 */
export const NETWORK_BOUNDS = { window: 64, messageBytes: 4 * 1024, silenceMs: 30_000 };
