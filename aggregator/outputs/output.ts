import { orAborted } from "../../common/runtime/abort.ts";
import { type Clock, withDeadline } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import { watchDebt } from "../../common/runtime/overdue.ts";
import type { Batch, Progress } from "../run-tracker.ts";
import { formatDocuments } from "./csv.ts";
import { keepReceipts, type Receipts } from "./receipts.ts";
import { type Destination, keepOpen } from "./reconnect.ts";
import { type Sink, SinkError } from "./sink.ts";

/** What an output tells of itself. */
export interface OutputEvents {
  /** `isKept`: the receiver needs no time to keep it. */
  written(batches: readonly Batch[], isKept: boolean): void;
  /** Asks for all that is written to it and not settled. */
  unsettled(): Progress;
  settled(progress: Progress): void;
  /** It keeps the others waiting for too long, or no longer. */
  lagging(isLagging: boolean): void;
  /** It can be written to again, and lacks something of what it was offered. */
  returned(): void;
  /** It can never be written to again. */
  ended(): void;
}

/** `stuck`: takes what is written and reads nothing. `ended`: can never be written to again. */
export type OutputState = "away" | "open" | "stuck" | "ended";

/** One output, with what waits for it. */
export interface Output {
  offer(batch: Batch): void;
  /** Lets go of all that waits. */
  forget(): void;
  /** Readings that wait. */
  readonly waiting: number;
  /** Readings that are written. */
  readonly written: number;
  readonly state: OutputState;
  /** Ends when what waits is written, after `graceMs` in any case. */
  close(graceMs: number): Promise<void>;
}

/** Readings that are written between two acknowledgements, about. */
const TURN_READINGS = 256;
/** Readings that wait at most. An output that comes to lack some is offered all again once it takes them. */
export const MAX_WAITING = 8192;
/** How long an output may keep the others waiting, ms. */
const LAG_MS = 10_000;

/** Writes to a destination what it is offered. `settleMs` is how long the receiver may take from reading to keeping. */
export function startOutput(
  destination: Destination,
  settleMs: number,
  events: OutputEvents,
  clock: Clock,
  log: Log,
): Output {
  const closing = new AbortController();
  const queue: Batch[] = [];
  let queued = 0;
  let inTurn = 0;
  let written = 0;
  let lacks = false;
  let isLagging = false;
  let isStuck = false;
  let hasEnded = false;
  let sink: Sink | undefined;
  let wake = () => {};

  const lag = watchDebt(
    { patienceMs: LAG_MS, isOwed: () => queued + inTurn > 0 && !isLagging, onOverdue: () => setLagging(true) },
    clock,
    closing.signal,
  );
  const running = keepOpen(destination, serve, closing.signal, clock, log).catch((error) => {
    if (!(error instanceof SinkError)) throw error;
    if (closing.signal.aborted) return;
    hasEnded = true;
    log.warn(`${destination.name}: ${error.message}`);
    events.ended();
  });

  /** @throws {SinkError} when the sink is lost */
  async function serve(opened: Sink) {
    sink = opened;
    isStuck = false;
    const receipts = receiptsOf(opened);
    try {
      while (await hasWork(opened.lost)) {
        if (lacks && !closing.signal.aborted) {
          lacks = false;
          events.returned();
        } else {
          events.written(await writeTurn(opened), receipts === undefined);
          receipts?.review();
        }
      }
    } catch (error) {
      lacks = true;
      throw error;
    }
  }

  /** Waits for something to do; false when it is over. */
  async function hasWork(lost: AbortSignal): Promise<boolean> {
    const isIdle = () => !lacks && (queued === 0 || isStuck) && !closing.signal.aborted;
    while (isIdle()) {
      const work = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await orAborted(lost, work);
    }
    return queued > 0 || (lacks && !closing.signal.aborted);
  }

  async function writeTurn(to: Sink): Promise<readonly Batch[]> {
    const turn = takeTurn();
    for (const document of formatDocuments(turn.flatMap(({ readings }) => readings))) {
      await orAborted(to.lost, to.write(document));
      lag.paid();
    }
    written += inTurn;
    inTurn = 0;
    setLagging(false);
    lag.review();
    return turn;
  }
  function takeTurn(): Batch[] {
    inTurn = 0;
    let batches = 0;
    for (const { readings } of queue) {
      if (inTurn >= TURN_READINGS) break;
      inTurn += readings.length;
      batches += 1;
    }
    queued -= inTurn;
    return queue.splice(0, batches);
  }

  function receiptsOf({ lost, beginReceipt }: Sink): Receipts | undefined {
    if (!beginReceipt) return undefined;
    const account = { unsettled: events.unsettled, settled: events.settled, stuck: setStuck };
    return keepReceipts({ lost, beginReceipt }, settleMs, account, clock);
  }
  function setStuck(is: boolean) {
    isStuck = is;
    if (is)
      log.warn(
        `${destination.name}: Telegraf takes what is written and reads nothing; restart it if it does not recover`,
      );
    else log.info(`${destination.name}: Telegraf reads again`);
    wake();
  }
  function setLagging(is: boolean) {
    if (is === isLagging) return;
    isLagging = is;
    events.lagging(is);
  }
  function forget() {
    queue.length = 0;
    queued = 0;
  }

  return {
    offer(batch) {
      if (hasEnded) return;
      queue.push(batch);
      queued += batch.readings.length;
      if (queued > MAX_WAITING) {
        forget();
        lacks = true;
      }
      lag.review();
      wake();
    },
    forget,
    get waiting() {
      return queued + inTurn;
    },
    get written() {
      return written;
    },
    get state() {
      if (hasEnded) return "ended";
      if (!sink || sink.lost.aborted) return "away";
      return isStuck ? "stuck" : "open";
    },
    async close(graceMs) {
      closing.abort();
      wake();
      await withDeadline(clock, graceMs, running, () => new Error("grace is over")).catch(() => sink?.close());
      await running;
    },
  };
}
