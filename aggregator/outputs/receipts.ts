import type { Clock } from "../../common/runtime/clock.ts";
import { watchDebt } from "../../common/runtime/overdue.ts";
import type { Progress } from "../run-tracker.ts";
import { Settlement } from "./flush-window.ts";
import { type Sink, SinkError } from "./sink.ts";

/** Between two receipts while something is not settled, ms. */
const LONGEST_INTERVAL_MS = 5_000;
const SHORTEST_INTERVAL_MS = 250;
/** A receipt that takes longer does not speak for the time before it, ms. */
const PROMPT_MS = 2_000;
/** Who owes a receipt for longer is stuck, ms. */
const STUCK_MS = 10_000;

export interface Account {
  /** What is written and not settled. */
  unsettled(): Progress;
  settled(progress: Progress): void;
  /** The receiver stopped reading, or goes on. */
  stuck(isStuck: boolean): void;
}

export interface Receipts {
  /** Something was written. */
  review(): void;
}

/**
 * Settles what is written to a sink: asks for receipts while something is not settled, until the sink is lost.
 * `settleMs` is how long a receiver may take from reading to keeping.
 */
export function keepReceipts(
  sink: Pick<Sink, "lost"> & Required<Pick<Sink, "beginReceipt">>,
  settleMs: number,
  account: Account,
  clock: Clock,
): Receipts {
  const intervalMs = Math.min(LONGEST_INTERVAL_MS, Math.max(SHORTEST_INTERVAL_MS, settleMs / 6));
  const settlement = new Settlement<Progress>(settleMs, PROMPT_MS, intervalMs + PROMPT_MS);
  let isKeeping = false;
  let isAsked = false;
  let isStuck = false;

  const patience = watchDebt(
    {
      patienceMs: STUCK_MS,
      isOwed: () => isAsked && !isStuck,
      onOverdue() {
        isStuck = true;
        account.stuck(true);
      },
    },
    clock,
    sink.lost,
  );

  async function ask() {
    const mark = account.unsettled();
    const askedAt = clock.monotonic();
    const { read } = await sink.beginReceipt();
    isAsked = true;
    patience.review();
    await read;
    isAsked = false;
    patience.review();
    if (isStuck) account.stuck(false);
    isStuck = false;
    const settled = settlement.receipt(mark, askedAt, clock.monotonic());
    if (settled) account.settled(settled);
  }
  async function keep() {
    isKeeping = true;
    while (account.unsettled().size > 0) {
      await clock.sleep(intervalMs, sink.lost);
      await ask();
    }
    isKeeping = false;
  }
  return {
    review() {
      if (isKeeping) return;
      keep().catch((error) => {
        // Whoever opened the sink learns of its loss by itself.
        if (!(error instanceof SinkError)) throw error;
      });
    },
  };
}
