import type { Origin } from "../../common/wire/fields.ts";
import { type Acknowledgement, encodeDelivery, encodePreview } from "../../common/wire/messages.ts";
import { nextBatch } from "./batch.ts";
import type { LedgerBounds } from "./bounds.ts";
import type { Entry } from "./entry.ts";
import type { ReadingSource } from "./reading-source.ts";
import { RunIndex } from "./run-index.ts";
import { UnsettledRun } from "./unsettled-run.ts";

/**
 * The numbers of the readings that are not settled, and the next message to send: all decisions about delivery, without
 * socket, clock or disk.
 *
 * The aggregator keeps nothing that matters. Over each new link its state of each run is requested, and sending goes on
 * from there. When its epoch changes, everything unsettled is sent again. Oldest first, always; while the newest reading has
 * to wait for that, it is shown in a request.
 */
export class Ledger {
  readonly #bounds: LedgerBounds;
  readonly #source: ReadingSource;
  /** Oldest first. */
  readonly #runs = new Map<string, UnsettledRun>();
  readonly #index = new RunIndex();
  #isLinked = false;
  #isAwaiting = false;
  /** An answer came after the reading that was shown last. */
  #isShownAnswered = true;
  #isHolding = false;
  /** The newest reading, until it is shown. */
  #latest: { readonly run: UnsettledRun; readonly seq: number } | undefined;
  #epoch: string | undefined;
  #unsettled = 0;
  #dropped = 0;
  readonly #observers: (() => void)[] = [];

  constructor(bounds: LedgerBounds, source: ReadingSource) {
    this.#bounds = bounds;
    this.#source = source;
  }

  /** Calls `onChange` after each change, in the order in which observers were added. */
  observe(onChange: () => void): void {
    this.#observers.push(onChange);
  }

  /** Readings not yet accepted by every required output. */
  get backlog(): number {
    return this.#index.backlog;
  }

  get unsettled(): number {
    return this.#unsettled;
  }

  /** The aggregator's, once it has answered. */
  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** The lowest number of a run that is not accepted. */
  firstUnaccepted(name: string): number | undefined {
    return this.#runs.get(name)?.firstUnaccepted;
  }

  /** The lowest number of a run that is not settled. */
  oldestHeld(name: string): number | undefined {
    return this.#runs.get(name)?.held.first;
  }

  /** Readings lost to a bound or to a disk that cannot be read. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Readings sent beyond the credit. */
  get inFlight(): number {
    return this.#index.inFlight;
  }

  /** An answer to a request or a delivery is pending. */
  get isPending(): boolean {
    return this.#index.inFlight > 0 || this.#index.requested.size > 0;
  }

  /** True while an answer of the aggregator is pending: something was sent since the last one, or waits for a link. */
  get isAwaiting(): boolean {
    return this.#isLinked ? this.#isAwaiting : this.#index.backlog > 0;
  }

  /** Adds a reading. Numbers rise within a run. */
  add(entry: Entry): void {
    this.#latest = { run: this.#hold(entry), seq: entry.seq };
    this.#changed();
  }

  /** Adds a reading of an earlier run, which may have been sent by it unless its time is provisional. */
  restore(entry: Entry): void {
    const run = this.#hold(entry);
    if (!entry.isProvisional) run.sentUpTo = Math.max(run.sentUpTo, entry.seq);
  }

  /** True for a reading that was sent, perhaps by an earlier run. */
  wasSent({ origin, seq }: Entry): boolean {
    return seq <= (this.#runs.get(origin.run)?.sentUpTo ?? 0);
  }

  /** Readings with a provisional time are not sent. */
  holdProvisional(): void {
    this.#isHolding = true;
    this.#refreshAll();
    this.#changed();
  }

  /** No time is provisional any more: all are sent. */
  releaseProvisional(): void {
    this.#isHolding = false;
    for (const run of this.#runs.values()) run.provisionalFrom = Number.POSITIVE_INFINITY;
    this.#refreshAll();
    this.#changed();
  }

  linkUp(): void {
    this.#isLinked = true;
    this.#isAwaiting = false;
    this.requestStates();
  }

  linkDown(): void {
    this.#isLinked = false;
    this.#changed();
  }

  /** Requests the state of each run again. */
  requestStates(): void {
    for (const run of this.#runs.values()) run.state = "unknown";
    this.#refreshAll();
    this.#changed();
  }

  /** Requests the state again of each run that has not come on since the last call, whatever arrives of others. */
  requestStalled(what: "delivery" | "settling"): void {
    for (const run of this.#runs.values()) run.check(what);
    this.#refreshAll();
    this.#changed();
  }

  /** Returns the message to send now, if there is one. It counts as sent. */
  next(): Uint8Array | undefined {
    if (!this.#isLinked) return undefined;
    const message = this.#nextRequest() ?? this.#nextDelivery() ?? this.#nextPreview();
    if (!message) return undefined;
    this.#isAwaiting = true;
    this.#changed();
    return message;
  }

  acknowledged(ack: Acknowledgement): void {
    this.#isAwaiting = false;
    this.#isShownAnswered = true;
    if (this.#epoch !== ack.epoch) this.#enter(ack.epoch);
    const run = this.#runs.get(ack.run);
    run?.acknowledged(ack);
    if (run) this.#remove(run, run.sent(ack.settled));
    this.#changed();
  }

  /** The aggregator takes nothing of a run. Returns its origin. */
  refused(name: string): Origin | undefined {
    this.#isAwaiting = false;
    const run = this.#runs.get(name);
    run?.refuse();
    this.#refreshAll();
    this.#changed();
    return run?.origin;
  }

  /** Drops a reading, to make room. */
  drop(name: string, seq: number): void {
    const run = this.#runs.get(name);
    if (!run?.held.has(seq)) return;
    this.#lose(run, seq);
    this.#changed();
  }

  /** Drops the readings of a run up to a number, to make room. */
  dropUpTo(name: string, seq: number): void {
    const run = this.#runs.get(name);
    if (!run) return;
    this.#dropped += this.#remove(run, seq);
    this.#changed();
  }

  #changed(): void {
    for (const onChange of this.#observers) onChange();
  }

  #hold({ origin, seq, isProvisional }: Entry): UnsettledRun {
    const run = this.#runOf(origin);
    const { size } = run.held;
    run.held.add(seq);
    this.#unsettled += run.held.size - size;
    if (isProvisional) run.provisionalFrom = Math.min(run.provisionalFrom, seq);
    this.#index.refresh(run, this.#isHolding);
    return run;
  }

  #enter(epoch: string): void {
    this.#epoch = epoch;
    for (const run of this.#runs.values()) run.restart();
    this.#refreshAll();
  }

  /** As few at a time as readings: ZeroMQ drops answers that are too many for its queue. */
  #nextRequest(): Uint8Array | undefined {
    if (this.#index.requested.size >= this.#bounds.window) return undefined;
    for (const run of this.#index.unknown) {
      const oldest = run.held.first;
      if (oldest === undefined) continue;
      run.state = "requested";
      this.#index.refresh(run, this.#isHolding);
      return encodeDelivery(run.origin, { from: oldest, after: oldest - 1 }, []);
    }
    return undefined;
  }

  #nextDelivery(): Uint8Array | undefined {
    const room = this.#bounds.window - this.#index.inFlight;
    if (room <= 0) return undefined;
    for (const run of this.#index.ready) {
      const limits = { count: room, bytes: this.#bounds.messageBytes, isHolding: this.#isHolding };
      const { entries, lost } = nextBatch(run, limits, (name, seq) => this.#source.read(name, seq));
      for (const seq of lost) this.#lose(run, seq);
      const [head] = entries;
      const from = run.held.first;
      if (!head || from === undefined) continue;
      const after = run.held.upTo(run.position) ?? from - 1;
      run.position = entries.at(-1)?.seq ?? head.seq;
      run.sentUpTo = Math.max(run.sentUpTo, run.position);
      this.#index.refresh(run, this.#isHolding);
      return encodeDelivery(
        head.origin,
        { from, after },
        entries.map((entry) => entry.bytes),
      );
    }
    return undefined;
  }

  /** A request that shows the newest reading while it has to wait. It does not count as sent. */
  #nextPreview(): Uint8Array | undefined {
    if (!this.#latest || !this.#isShownAnswered) return undefined;
    const { run, seq } = this.#latest;
    const from = run.held.first;
    if (from === undefined || !run.isWaiting(seq, this.#isHolding)) return undefined;
    this.#latest = undefined;
    this.#isShownAnswered = false;
    const entry = this.#source.read(run.origin.run, seq);
    if (entry) return encodePreview(entry.origin, { from, after: from - 1 }, entry.bytes);
    this.#lose(run, seq);
    return undefined;
  }

  #lose(run: UnsettledRun, seq: number): void {
    run.held.remove(seq);
    this.#unsettled -= 1;
    this.#dropped += 1;
    this.#released(run);
  }

  /** Removes the readings of a run up to a number and returns how many these are. */
  #remove(run: UnsettledRun, seq: number): number {
    const count = run.held.removeUpTo(seq);
    this.#unsettled -= count;
    if (count > 0) {
      run.wasPending.settling = false;
      this.#released(run);
    } else this.#index.refresh(run, this.#isHolding);
    return count;
  }

  #released(run: UnsettledRun): void {
    this.#index.refresh(run, this.#isHolding);
    this.#source.release(run.origin.run, run.held.first ?? Number.POSITIVE_INFINITY);
  }

  #runOf(origin: Origin): UnsettledRun {
    const known = this.#runs.get(origin.run);
    if (known) return known;
    const run = new UnsettledRun(origin);
    this.#runs.set(origin.run, run);
    return run;
  }

  #refreshAll(): void {
    for (const run of this.#runs.values()) this.#index.refresh(run, this.#isHolding);
  }
}
