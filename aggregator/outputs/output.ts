import { orAborted } from "../../common/runtime/abort.ts";
import { type Clock, withDeadline } from "../../common/runtime/clock.ts";
import { createCondition } from "../../common/runtime/condition.ts";
import type { Log } from "../../common/runtime/log.ts";
import { watchOverdue } from "../../common/runtime/overdue.ts";
import type { Batch, Progress } from "../run-tracker.ts";
import { BatchQueue } from "./batch-queue.ts";
import { type ReceiptKeeper, requestReceipts } from "./receipts.ts";
import { type Destination, keepConnected } from "./reconnect.ts";
import { type Sink, SinkError } from "./sink.ts";

/** Reports of one output. */
export interface OutputEvents {
  /** Batches were written. `isFinal`: the receiver gives no receipts, so they count as settled at once. */
  written(batches: readonly Batch[], isFinal: boolean): void;
  /** Returns what is written to this output and not settled. */
  unsettled(): Progress;
  settled(progress: Progress): void;
  /** Readings have waited for 10 s without any being written, or are being written again. */
  slow(isSlow: boolean): void;
  /** The output works again after losing readings: they must be resent. */
  needsResend(): void;
  /** The output can never be written to again. */
  ended(): void;
}

/** `stuck`: the receiver accepts connections and reads nothing. `ended`: it can never be written to again. */
export type OutputState = "away" | "open" | "stuck" | "ended";

/** One output and its queue. */
export interface Output {
  offer(batch: Batch): void;
  /** Drops the queue. */
  clear(): void;
  /** Readings that wait to be written. */
  readonly waiting: number;
  /** Readings written since the start. */
  readonly written: number;
  readonly state: OutputState;
  /** Writes the queue and closes, after `graceMs` at the latest. */
  close(graceMs: number): Promise<void>;
}

export interface OutputDeps {
  readonly events: OutputEvents;
  readonly clock: Clock;
  readonly log: Log;
}

type Connection =
  | { readonly state: "away" }
  | { readonly state: "open" | "stuck"; readonly sink: Sink }
  | { readonly state: "ended" };

/** Time without progress after which an output with a queue counts as slow, ms. */
const SLOW_AFTER_MS = 10_000;

/** Writes everything it is offered to a destination. `settleMs`: time the receiver may take from reading to storing. */
export function startOutput(destination: Destination, settleMs: number, { events, clock, log }: OutputDeps): Output {
  const { name } = destination;
  const closing = new AbortController();
  const queue = new BatchQueue();
  let connection: Connection = { state: "away" };
  let needsResend = false;
  let isSlow = false;
  let written = 0;
  const changed = createCondition();

  const writing = watchOverdue(
    { limitMs: SLOW_AFTER_MS, isPending: () => queue.waiting > 0 && !isSlow, onOverdue: () => setSlow(true) },
    { clock, signal: closing.signal },
  );
  const running = keepConnected(destination, use, { stop: closing.signal, clock, log }).catch((error) => {
    if (!(error instanceof SinkError)) throw error;
    if (closing.signal.aborted) return;
    connection = { state: "ended" };
    log.warn(`${name}: ${error.message}`);
    events.ended();
  });

  /** @throws {SinkError} when the sink is lost */
  async function use(sink: Sink) {
    connection = { state: "open", sink };
    const receipts = receiptsOf(sink);
    try {
      while (await hasWork(sink.lost)) {
        if (needsResend && !closing.signal.aborted) {
          needsResend = false;
          events.needsResend();
        } else {
          events.written(await writeNext(sink), receipts === undefined);
          receipts?.review();
        }
      }
    } catch (error) {
      needsResend = true;
      throw error;
    } finally {
      queue.written();
      connection = { state: "away" };
    }
  }

  /** Waits for something to do; false when there will be nothing more. */
  async function hasWork(lost: AbortSignal): Promise<boolean> {
    const isIdle = () => !needsResend && (queue.isEmpty || connection.state === "stuck") && !closing.signal.aborted;
    while (isIdle()) await orAborted(lost, changed.wait());
    return !queue.isEmpty || (needsResend && !closing.signal.aborted);
  }

  async function writeNext(sink: Sink): Promise<readonly Batch[]> {
    const batches = queue.take();
    await orAborted(sink.lost, sink.write(batches.flatMap(({ readings }) => readings)));
    written += queue.written();
    setSlow(false);
    writing.progress();
    return batches;
  }

  function receiptsOf({ lost, beginReceipt }: Sink): ReceiptKeeper | undefined {
    if (!beginReceipt) return undefined;
    const { unsettled, settled } = events;
    return requestReceipts({ lost, beginReceipt }, settleMs, { unsettled, settled, stuck: setStuck, clock });
  }
  function setStuck(isStuck: boolean) {
    if (!("sink" in connection)) return;
    connection = { state: isStuck ? "stuck" : "open", sink: connection.sink };
    if (isStuck) log.warn(`${name}: Telegraf accepts data but reads nothing; restart it if it does not recover`);
    else log.info(`${name}: Telegraf reads again`);
    changed.notify();
  }
  function setSlow(is: boolean) {
    if (is === isSlow) return;
    isSlow = is;
    events.slow(is);
  }

  return {
    offer(batch) {
      if (connection.state === "ended") return;
      if (!queue.add(batch)) needsResend = true;
      writing.check();
      changed.notify();
    },
    clear: () => queue.clear(),
    get waiting() {
      return queue.waiting;
    },
    get written() {
      return written;
    },
    get state() {
      return connection.state;
    },
    async close(graceMs) {
      closing.abort();
      changed.notify();
      await withDeadline(clock, graceMs, running, () => new Error("grace is over")).catch(() => {
        if ("sink" in connection) connection.sink.close();
      });
      await running;
    },
  };
}
