import type { Reading } from "../../common/model/reading.ts";
import { type Clock, withDeadline } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import { watchOverdue } from "../../common/runtime/overdue.ts";
import { decodeAcknowledgement, encodeReading } from "../../common/wire/messages.ts";
import { WireError } from "../../common/wire/wire-error.ts";
import { type Bounds, Ledger } from "./ledger.ts";
import { copyToDisk, type DiskPolicy } from "./spool-policy.ts";
import type { AggregatorLink, LinkEvents } from "./zeromq-client.ts";

/** Where readings stay from the moment they are taken until nobody needs to send them again. */
export interface Outbox {
  /** Takes over the duty for a reading. Never waits and never throws: what a bound pushes out counts as dropped. */
  put(reading: Reading): void;
  /** Readings that are not yet accepted by every required output. */
  readonly backlog: number;
  /** Readings that may have to be sent again: the backlog, and those accepted and not yet known to be kept. */
  readonly unsettled: number;
  /** Readings lost since the agent started: pushed out by a bound. */
  readonly dropped: number;
  /** The reading that was put last. */
  readonly latest: Reading | undefined;
  /** On disk. */
  readonly spoolBytes: number;
  /** The aggregator's, once it has told. */
  readonly epoch: string | undefined;
  /** Brings everything that is not settled to the disk, where there is a spool, and from here on whatever comes. */
  secure(): void;
  /** Waits until everything is accepted, at most `graceMs`, and lets go of the aggregator and the spool. */
  close(graceMs: number): Promise<Rest>;
}

/** What is left in an outbox that is closed. */
export interface Rest {
  /** No output is known to have taken them. */
  readonly unaccepted: number;
  /** Includes those that are accepted and not yet known to be kept. */
  readonly unsettled: number;
  /** Not accepted and on no disk. */
  readonly lost: number;
}

export interface OutboxEffects {
  readonly connect: (events: LinkEvents) => AggregatorLink;
  readonly clock: Clock;
  readonly log: Log;
  /** Undefined to keep readings in memory only. */
  readonly disk?: DiskPolicy;
}

const DAY_MS = 86_400_000;
const BOUNDS: Bounds = {
  bytes: 16 * 1024 * 1024,
  ageMs: 365 * DAY_MS,
  window: 128,
  messageBytes: 16 * 1024,
};
/** Silence of the aggregator before it is worth a line in the log, ms. */
const PATIENCE_MS = 5_000;
/** Time without progress, ms, after which the aggregator is asked where it stands, should a message have been lost. */
const STALL_MS = 60_000;

/** An outbox in memory, with a copy on disk where there is a spool. */
export function openOutbox({ connect, clock, log, disk }: OutboxEffects, bounds: Partial<Bounds> = {}): Outbox {
  const ledger = new Ledger({ ...BOUNDS, ...bounds });
  for (const entry of disk?.spool.takeFound() ?? []) ledger.restore(entry, clock.monotonic());
  if (ledger.unsettled > 0) log.info(`${ledger.unsettled} readings of earlier runs are found: they go first`);
  const copy = disk && copyToDisk(disk, ledger, clock, log);
  copy?.review();
  const closing = new AbortController();
  let latest: Reading | undefined;
  let unusable = 0;
  let isSending = false;
  let isSilent = false;
  let isFull = false;
  let hearsStranger = false;
  let onEmpty = () => {};

  const answers = watchOverdue(
    {
      limitMs: PATIENCE_MS,
      isPending: () => ledger.isAwaiting,
      onOverdue() {
        if (!isSilent)
          log.warn(`no aggregator answers at ${link.endpoint}: readings are kept here, start bms-aggregator`);
        isSilent = true;
      },
    },
    { clock, signal: closing.signal },
  );
  const progress = watchOverdue(
    {
      limitMs: STALL_MS,
      isPending: () => ledger.inFlight > 0,
      onOverdue() {
        ledger.askAgain();
        void send();
      },
    },
    { clock, signal: closing.signal },
  );

  async function send() {
    if (isSending) return;
    isSending = true;
    for (let message = ledger.next(); message && !closing.signal.aborted; message = ledger.next()) {
      answers.check();
      progress.check();
      await link.send(message);
    }
    isSending = false;
  }

  function hear(bytes: Uint8Array) {
    const taken = ledger.inFlight;
    try {
      ledger.acknowledged(decodeAcknowledgement(bytes));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (!hearsStranger) log.warn(`the reply of ${link.endpoint} is unusable: ${error.message}`);
      hearsStranger = true;
      return;
    }
    if (isSilent) log.info(`the aggregator answers again: ${ledger.backlog} readings to deliver`);
    isSilent = false;
    answers.progress();
    if (ledger.inFlight < taken) progress.progress();
    copy?.review();
    if (ledger.backlog === 0) {
      isFull = false;
      onEmpty();
    }
    void send();
  }

  const link = connect({
    up() {
      ledger.linkUp();
      void send();
    },
    down() {
      ledger.linkDown();
      answers.check();
    },
    message: hear,
  });

  return {
    put(reading) {
      latest = reading;
      const { run, meter, device, driver, seq, takenAt } = reading;
      const dropped = ledger.dropped;
      try {
        const origin = { run, meter, device, driver };
        ledger.add({ origin, seq, takenAt, bytes: encodeReading(reading) }, clock.monotonic());
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        unusable += 1;
        log.error(`reading ${seq} is not usable and dropped: ${error.message}`);
        return;
      }
      if (ledger.dropped > dropped && !isFull) {
        log.warn(`no more than ${ledger.unsettled} readings are kept (16 MiB, one year): the oldest are dropped`);
        isFull = true;
      }
      copy?.review();
      answers.check();
      void send();
    },
    get backlog() {
      return ledger.backlog;
    },
    get unsettled() {
      return ledger.unsettled;
    },
    get dropped() {
      return ledger.dropped + unusable;
    },
    get latest() {
      return latest;
    },
    get spoolBytes() {
      return copy?.bytes ?? 0;
    },
    get epoch() {
      return ledger.epoch;
    },
    secure() {
      copy?.secure();
    },
    async close(graceMs) {
      if (ledger.backlog > 0) {
        const emptied = new Promise<void>((resolve) => {
          onEmpty = resolve;
        });
        await withDeadline(clock, graceMs, emptied, () => new Error("grace is over")).catch(() => {});
      }
      closing.abort();
      link.close();
      await copy?.close();
      const { backlog: unaccepted, unsettled } = ledger;
      return { unaccepted, unsettled, lost: Math.min(unaccepted, copy?.uncopied ?? unaccepted) };
    },
  };
}
