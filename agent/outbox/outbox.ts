import type { Reading } from "../../common/model/reading.ts";
import { type Clock, within } from "../../common/runtime/clock.ts";
import { createCondition } from "../../common/runtime/condition.ts";
import { type Log, trackProblems } from "../../common/runtime/log.ts";
import { watchOverdue } from "../../common/runtime/overdue.ts";
import { decodeAcknowledgement, encodeReading } from "../../common/wire/messages.ts";
import { WireError } from "../../common/wire/wire-error.ts";
import { type Bounds, Ledger } from "./ledger.ts";
import { persist, type SpoolPlan } from "./spool-policy.ts";
import type { AggregatorLink, LinkEvents } from "./zeromq-client.ts";

/** Delivers readings to the aggregator and keeps each until it is settled. */
export interface Outbox {
  /** Takes a reading over. Never waits and never throws: readings beyond a bound are dropped and counted. */
  put(reading: Reading): void;
  /** Readings not yet accepted by every required output. */
  readonly backlog: number;
  /** Readings not yet settled: the backlog, and the accepted ones that may have to be sent again. */
  readonly unsettled: number;
  /** Readings lost to a bound since the agent started. */
  readonly dropped: number;
  readonly spoolBytes: number;
  /** An aggregator is connected. */
  readonly isConnected: boolean;
  /** The aggregator's, once it has answered. */
  readonly epoch: string | undefined;
  /** With a spool: writes everything unsettled to disk, now and from here on. */
  flush(): void;
  /** Waits until everything is accepted, at most `graceMs`, and closes link and spool. */
  close(graceMs: number): Promise<Remainder>;
}

/** The content of an outbox when it was closed. */
export interface Remainder {
  /** Not accepted by every required output. */
  readonly unaccepted: number;
  /** Includes readings that are accepted and not settled. */
  readonly unsettled: number;
  /** Neither accepted nor on disk. */
  readonly lost: number;
}

export interface OutboxDeps {
  readonly connect: (events: LinkEvents) => AggregatorLink;
  readonly clock: Clock;
  readonly log: Log;
  /** Undefined to keep readings in memory only. */
  readonly spool?: SpoolPlan;
}

const DAY_MS = 86_400_000;
const BOUNDS: Bounds = {
  bytes: 16 * 1024 * 1024,
  ageMs: 365 * DAY_MS,
  window: 128,
  messageBytes: 16 * 1024,
};
/** Longest time without an answer of the aggregator that is not logged. */
const SILENCE_LIMIT_MS = 5_000;
/** Time without progress after which the states of all runs are requested again, in case a message was lost. */
const STALL_LIMIT_MS = 60_000;

/** Opens an outbox that keeps readings in memory, and on disk as well if there is a spool. */
export function openOutbox({ connect, clock, log, spool }: OutboxDeps, bounds: Partial<Bounds> = {}): Outbox {
  const ledger = new Ledger({ ...BOUNDS, ...bounds });
  for (const entry of spool?.spool.takeFound() ?? []) ledger.restore(entry, clock.monotonic());
  if (ledger.unsettled > 0) log.info(`found ${ledger.unsettled} readings of earlier runs: they are delivered first`);
  const persisted = spool && persist(spool, ledger, { clock, log });
  const closing = new AbortController();
  const changed = createCondition();
  const problems = trackProblems();
  let unusable = 0;
  let isSending = false;
  let isConnected = false;

  const answer = watchOverdue(
    {
      limitMs: SILENCE_LIMIT_MS,
      isPending: () => ledger.isAwaiting,
      onOverdue() {
        if (problems.begin("silent"))
          log.warn(`no aggregator answers at ${link.endpoint}: readings are kept here, start bms-aggregator`);
      },
    },
    { clock, signal: closing.signal },
  );
  const delivery = watchOverdue(
    { limitMs: STALL_LIMIT_MS, isPending: () => ledger.inFlight > 0, onOverdue: () => ledger.requestStates() },
    { clock, signal: closing.signal },
  );

  async function send() {
    if (isSending) return;
    isSending = true;
    for (let message = ledger.next(); message && !closing.signal.aborted; message = ledger.next()) {
      await link.send(message);
    }
    isSending = false;
  }

  function onMessage(bytes: Uint8Array) {
    const { inFlight } = ledger;
    try {
      ledger.acknowledged(decodeAcknowledgement(bytes));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (problems.begin("reply")) log.warn(`the reply of ${link.endpoint} is unusable: ${error.message}`);
      return;
    }
    if (ledger.inFlight < inFlight) delivery.progress();
    if (problems.end("silent")) log.info(`the aggregator answers again: ${ledger.backlog} readings to deliver`);
    if (ledger.backlog === 0) problems.end("full");
  }

  async function allAccepted() {
    while (ledger.backlog > 0) await changed.wait();
  }

  const link = connect({
    up() {
      isConnected = true;
      problems.end("refused");
      ledger.linkUp();
    },
    down() {
      isConnected = false;
      ledger.linkDown();
    },
    message: onMessage,
    refused(fault) {
      if (!problems.begin("refused")) return;
      // The line about an aggregator that does not answer would be a second one about the same.
      problems.begin("silent");
      log.warn(`${fault}: readings are kept here and not sent to it; stop what is there, or give another --endpoint`);
    },
  });
  ledger.observe(() => {
    answer.check();
    delivery.check();
    changed.notify();
    void send();
  });

  return {
    put(reading) {
      const { run, meter, device, driver, seq, takenAt } = reading;
      const { dropped } = ledger;
      try {
        const origin = { run, meter, device, driver };
        ledger.add({ origin, seq, takenAt, bytes: encodeReading(reading) }, clock.monotonic());
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        unusable += 1;
        log.error(`reading ${seq} is unusable and dropped: ${error.message}`);
        return;
      }
      if (ledger.dropped > dropped && problems.begin("full"))
        log.warn(`no more than ${ledger.unsettled} readings are kept (16 MiB, one year): the oldest are dropped`);
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
    get spoolBytes() {
      return persisted?.bytes ?? 0;
    },
    get isConnected() {
      return isConnected;
    },
    get epoch() {
      return ledger.epoch;
    },
    flush() {
      persisted?.flush();
    },
    async close(graceMs) {
      await within(clock, graceMs, allAccepted());
      closing.abort();
      link.close();
      await persisted?.close();
      const { backlog: unaccepted, unsettled } = ledger;
      return { unaccepted, unsettled, lost: Math.min(unaccepted, persisted?.unpersisted ?? unaccepted) };
    },
  };
}
