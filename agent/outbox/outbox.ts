import { isPossibleTime, type Reading } from "../../common/model/reading.ts";
import { type Clock, within } from "../../common/runtime/clock.ts";
import { createCondition } from "../../common/runtime/condition.ts";
import { type Log, trackProblems } from "../../common/runtime/log.ts";
import { watchOverdue } from "../../common/runtime/overdue.ts";
import { decodeReply, encodeReading, type Refusal, withTime } from "../../common/wire/messages.ts";
import { WireError } from "../../common/wire/wire-error.ts";
import { BOUNDS, type OutboxBounds } from "./bounds.ts";
import type { Entry } from "./entry.ts";
import { Ledger } from "./ledger.ts";
import type { AggregatorLink, LinkEvents } from "./link.ts";
import { createLinkLog } from "./link-log.ts";
import { persist, type SpoolWhen } from "./spool-policy.ts";
import { ReadingStore, type Tiers } from "./store.ts";

/** Delivers readings to the aggregator and keeps each until it is settled. */
export interface Outbox {
  /**
   * Takes a reading over. Never waits and never throws: readings beyond a bound are dropped and counted. `uptimeMs` is the
   * moment at which it was taken, in ms since boot.
   */
  put(reading: Reading, uptimeMs: number): void;
  /** From here on the times of new readings are provisional, because the clock is not trusted: they are kept and not sent. */
  hold(): void;
  /**
   * Sets the time of each reading that was taken in this boot and never sent to its uptime plus `offsetMs`, which is the
   * Unix time less the uptime in ms. Ends a hold.
   */
  correctTimes(offsetMs: number): void;
  /** Readings not yet accepted by every required output. */
  readonly backlog: number;
  /** Readings not yet settled: the backlog, and the accepted ones that may have to be sent again. */
  readonly unsettled: number;
  /** Readings lost beyond a bound since the agent started. */
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
  /** Neither accepted nor in a tier that outlives the process. */
  readonly lost: number;
}

export interface OutboxDeps {
  readonly connect: (events: LinkEvents) => AggregatorLink;
  readonly clock: Clock;
  readonly log: Log;
  /** Storage that outlives this process; without tiers readings are in memory only. */
  readonly tiers?: Tiers;
  /** When readings are written to the tier on disk. */
  readonly when?: SpoolWhen;
  /** Identity of the boot since which uptime counts. */
  readonly bootId?: string;
}

/** Time after which a meter that belongs to another host is tried again: it may have been moved. */
const REFUSAL_LIMIT_MS = 60_000;
/** Time after which runs are checked for pending answers. The state of a run that has not come on by the next check is requested. */
const DELIVERY_CHECK_MS = 30_000;
/** The same for settling: an aggregator that has forgotten a run settles none of its readings. */
const SETTLING_CHECK_MS = 300_000;

/** Opens an outbox with the readings that earlier runs left. */
export function openOutbox(deps: OutboxDeps, changedBounds: Partial<OutboxBounds> = {}): Outbox {
  const { connect, clock, log, tiers = {}, when = "away", bootId = "" } = deps;
  const bounds = { ...BOUNDS, ...changedBounds };
  const store = new ReadingStore(tiers);
  const ledger = new Ledger(bounds, store);
  for (const entry of store.restore(clock.monotonic())) {
    ledger.restore(entry);
  }
  if (ledger.unsettled > 0) log.info(`found ${ledger.unsettled} readings of earlier runs: they are delivered first`);
  const persistence = tiers.disk && persist(when, { store, ledger, clock, log });
  const closing = new AbortController();
  const changed = createCondition();
  const problems = trackProblems();
  const linkLog = createLinkLog(() => link.endpoint, log);
  const refusedRuns = new Set<string>();
  let isSending = false;
  let isConnected = false;
  let isHolding = false;

  const answer = watchOverdue(
    {
      limitMs: bounds.silenceMs,
      isPending: () => ledger.isAwaiting,
      onOverdue: () => linkLog.silent(),
    },
    { clock, signal: closing.signal },
  );
  const delivery = watchOverdue(
    {
      limitMs: DELIVERY_CHECK_MS,
      isPending: () => ledger.isPending,
      onOverdue: () => ledger.requestStalled("delivery"),
    },
    { clock, signal: closing.signal },
  );
  const settling = watchOverdue(
    {
      limitMs: SETTLING_CHECK_MS,
      isPending: () => ledger.unsettled > 0,
      onOverdue: () => ledger.requestStalled("settling"),
    },
    { clock, signal: closing.signal },
  );
  const refusal = watchOverdue(
    { limitMs: REFUSAL_LIMIT_MS, isPending: () => refusedRuns.size > 0, onOverdue: () => ledger.requestStates() },
    { clock, signal: closing.signal },
  );

  async function send() {
    if (isSending) return;
    isSending = true;
    for (let message = ledger.next(); message && !closing.signal.aborted; message = ledger.next()) {
      await link.send(message);
    }
    isSending = false;
    reportLost();
  }

  function reportLost() {
    const { unreadable, untimed } = store.takeLost();
    if (unreadable > 0) log.error(`${unreadable} readings are lost: they cannot be read from the spool any more`);
    if (untimed > 0)
      log.error(`${untimed} readings are dropped: they were taken before the clock was set, and their time is unknown`);
  }

  /** Drops the oldest readings while there are too many, but never the last one. */
  function enforceBounds() {
    const { dropped } = ledger;
    while (store.memoryBytes > bounds.memoryBytes && ledger.unsettled > 1) {
      const oldest = store.takeOldestInMemory();
      if (!oldest) break;
      ledger.drop(oldest.origin.run, oldest.seq);
    }
    while (store.diskBytes > bounds.diskBytes) {
      const oldest = store.oldestOnDisk;
      if (!oldest) break;
      for (const [run, seq] of [...oldest]) ledger.dropUpTo(run, seq);
    }
    const count = ledger.dropped - dropped;
    if (count > 0 && problems.begin("full"))
      log.warn(
        `${count} readings are dropped: no more than ${ledger.unsettled} can be kept, the oldest are dropped first`,
      );
  }

  /** The aggregator refuses such a time, and with it the rest of the message. */
  function dropUntimed(entries: readonly Entry[]) {
    const { dropped } = ledger;
    for (const { origin, seq } of entries) ledger.drop(origin.run, seq);
    const count = ledger.dropped - dropped;
    if (count > 0)
      log.warn(`${count} readings are dropped: they were taken in an earlier boot, before the clock was set`);
  }

  function withNewTime(entry: Entry, offsetMs: number): Entry {
    const { sinceBoot, isProvisional, ...rest } = entry;
    if (ledger.wasSent(entry)) return entry;
    if (sinceBoot?.boot !== bootId) return isProvisional ? { ...rest, ...(sinceBoot && { sinceBoot }) } : entry;
    const takenAt = Math.round(sinceBoot.uptimeMs + offsetMs);
    return { ...rest, sinceBoot, takenAt, bytes: withTime(entry.bytes, takenAt) };
  }

  function onMessage(bytes: Uint8Array) {
    try {
      const reply = decodeReply(bytes);
      if ("owner" in reply) onRefusal(reply);
      else {
        refusedRuns.delete(reply.run);
        ledger.acknowledged(reply);
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (problems.begin("reply")) log.warn(`the reply of ${link.endpoint} is unusable: ${error.message}`);
      return;
    }
    linkLog.answered(ledger.backlog);
    if (ledger.backlog === 0) problems.end("full");
  }

  function onRefusal(reply: Refusal) {
    refusedRuns.add(reply.run);
    const origin = ledger.refused(reply.run);
    if (origin) linkLog.refusedMeter(origin, reply);
  }

  async function allAccepted() {
    while (ledger.backlog > 0) await changed.wait();
  }

  const link = connect({
    up() {
      isConnected = true;
      linkLog.up();
      ledger.linkUp();
    },
    down() {
      isConnected = false;
      ledger.linkDown();
    },
    message: onMessage,
    refused: linkLog.refused,
    unreachable: linkLog.unreachable,
  });
  ledger.observe(() => {
    answer.check();
    delivery.check();
    settling.check();
    refusal.check();
    changed.notify();
    void send();
  });

  enforceBounds();
  return {
    put(reading, uptimeMs) {
      const { run, site, meter, device, driver, seq, takenAt } = reading;
      const entry: Entry = {
        origin: { run, ...(site !== undefined && { site }), meter, device, driver },
        seq,
        takenAt,
        bytes: encodeReading(reading),
        sinceBoot: { boot: bootId, uptimeMs },
        ...(isHolding && { isProvisional: true }),
      };
      store.add(entry, clock.monotonic());
      ledger.add(entry);
      enforceBounds();
    },
    hold() {
      isHolding = true;
      ledger.holdProvisional();
    },
    correctTimes(offsetMs) {
      isHolding = false;
      const untimed: Entry[] = [];
      store.rewrite((entry) => {
        const changed = withNewTime(entry, offsetMs);
        if (!isPossibleTime(changed.takenAt)) untimed.push(changed);
        return changed;
      });
      dropUntimed(untimed);
      ledger.releaseProvisional();
    },
    get backlog() {
      return ledger.backlog;
    },
    get unsettled() {
      return ledger.unsettled;
    },
    get dropped() {
      return ledger.dropped;
    },
    get spoolBytes() {
      return store.diskBytes;
    },
    get isConnected() {
      return isConnected;
    },
    get epoch() {
      return ledger.epoch;
    },
    flush() {
      persistence?.flush();
    },
    async close(graceMs) {
      await within(clock, graceMs, allAccepted());
      closing.abort();
      link.close();
      persistence?.stop();
      await store.close();
      const { backlog: unaccepted, unsettled } = ledger;
      return { unaccepted, unsettled, lost: Math.min(unaccepted, store.onlyInMemory) };
    },
  };
}
