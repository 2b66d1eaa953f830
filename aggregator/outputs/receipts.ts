import type { Clock } from "../../common/runtime/clock.ts";
import { watchOverdue } from "../../common/runtime/overdue.ts";
import type { Progress } from "../run-tracker.ts";
import { FlushWindow } from "./flush-window.ts";
import { type Sink, SinkError } from "./sink.ts";

/** Longest and shortest time between two receipts while something is unsettled, ms. */
const LONGEST_INTERVAL_MS = 5_000;
const SHORTEST_INTERVAL_MS = 250;
/** A receipt that takes longer proves nothing about the time before it, ms. */
const PROMPT_MS = 2_000;
/** A receiver whose receipt takes longer is stuck, ms. */
const STUCK_AFTER_MS = 10_000;

export interface ReceiptDeps {
  /** Returns what is written and not settled. */
  unsettled(): Progress;
  settled(progress: Progress): void;
  /** The receiver has stopped reading, or reads again. */
  stuck(isStuck: boolean): void;
  readonly clock: Clock;
}

export interface ReceiptKeeper {
  /** Call after every write. */
  review(): void;
}

/**
 * Requests read receipts from a sink while something is unsettled, until the sink is lost. `settleMs`: time the receiver
 * may take from reading to storing.
 */
export function requestReceipts(
  sink: Pick<Sink, "lost"> & Required<Pick<Sink, "beginReceipt">>,
  settleMs: number,
  { unsettled, settled, stuck, clock }: ReceiptDeps,
): ReceiptKeeper {
  const intervalMs = Math.min(LONGEST_INTERVAL_MS, Math.max(SHORTEST_INTERVAL_MS, settleMs / 6));
  const window = new FlushWindow<Progress>(settleMs, PROMPT_MS, intervalMs + PROMPT_MS);
  let isRunning = false;
  let isRequested = false;
  let isStuck = false;

  const answer = watchOverdue(
    {
      limitMs: STUCK_AFTER_MS,
      isPending: () => isRequested && !isStuck,
      onOverdue() {
        isStuck = true;
        stuck(true);
      },
    },
    { clock, signal: sink.lost },
  );

  async function request() {
    const mark = unsettled();
    const requestedAt = clock.monotonic();
    const { read } = await sink.beginReceipt();
    isRequested = true;
    answer.check();
    await read;
    isRequested = false;
    answer.check();
    if (isStuck) stuck(false);
    isStuck = false;
    const durable = window.receipt(mark, requestedAt, clock.monotonic());
    if (durable) settled(durable);
  }
  async function requestWhileUnsettled() {
    isRunning = true;
    while (unsettled().size > 0) {
      await clock.sleep(intervalMs, sink.lost);
      await request();
    }
    isRunning = false;
  }
  return {
    review() {
      if (isRunning) return;
      requestWhileUnsettled().catch((error) => {
        // The owner of the sink sees the loss on `sink.lost`.
        if (!(error instanceof SinkError)) throw error;
      });
    },
  };
}
