import type { Origin } from "../../common/wire/fields.ts";
import { type Acknowledgement, encodeDelivery, encodePreview } from "../../common/wire/messages.ts";
import { nextBatch } from "./batch.ts";
import type { LedgerBounds } from "./bounds.ts";
import type { Entry } from "./entry.ts";
import { include } from "./include.ts";
import type { ReadingSource } from "./reading-source.ts";
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
  /** Runs whose state is not requested yet, runs whose state is requested, and runs with a reading that may be sent. */
  readonly #unknown = new Set<UnsettledRun>();
  readonly #requested = new Set<UnsettledRun>();
  readonly #ready = new Set<UnsettledRun>();
  /** The part of each run in the sums. */
  readonly #counted = new Map<UnsettledRun, { readonly backlog: number; readonly inFlight: number }>();
  #isLinked = false;
  #isAwaiting = false;
  /** An answer came after the reading that was shown last. */
  #isShownAnswered = true;
  #isHolding = false;
  /** The newest reading, until it is shown. */
  #latest: { readonly run: UnsettledRun; readonly seq: number } | undefined;
  #epoch: string | undefined;
  #backlog = 0;
  #unsettled = 0;
  #inFlight = 0;
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
    return this.#backlog;
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
    return this.#inFlight;
  }

  /** An answer to a request or a delivery is pending. */
  get isPending(): boolean {
    return this.#inFlight > 0 || this.#requested.size > 0;
  }

  /** True while an answer of the aggregator is pending: something was sent since the last one, or waits for a link. */
  get isAwaiting(): boolean {
    return this.#isLinked ? this.#isAwaiting : this.#backlog > 0;
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

  /**
   * Requests the state again of each run for which something is pending, as it was at the last call, and nothing of it has
   * arrived since. `delivery`: answers; a message may be lost, whatever arrives of other runs. `settling`: the aggregator may
   * have forgotten the run.
   */
  requestStalled(what: "delivery" | "settling"): void {
    for (const run of this.#runs.values()) {
      const isPending = what === "delivery" ? run.isPending : run.held.size > 0;
      if (isPending && run.wasPending[what]) run.state = "unknown";
      run.wasPending[what] = isPending;
    }
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
    this.#refresh(run);
    return run;
  }

  #enter(epoch: string): void {
    this.#epoch = epoch;
    for (const run of this.#runs.values()) run.restart();
    this.#refreshAll();
  }

  /** As few at a time as readings: ZeroMQ drops answers that are too many for its queue. */
  #nextRequest(): Uint8Array | undefined {
    if (this.#requested.size >= this.#bounds.window) return undefined;
    for (const run of this.#unknown) {
      const oldest = run.held.first;
      if (oldest === undefined) continue;
      run.state = "requested";
      this.#refresh(run);
      return encodeDelivery(run.origin, { from: oldest, after: oldest - 1 }, []);
    }
    return undefined;
  }

  #nextDelivery(): Uint8Array | undefined {
    const room = this.#bounds.window - this.#inFlight;
    if (room <= 0) return undefined;
    for (const run of this.#ready) {
      const limits = { count: room, bytes: this.#bounds.messageBytes, isHolding: this.#isHolding };
      const { entries, lost } = nextBatch(run, limits, (name, seq) => this.#source.read(name, seq));
      for (const seq of lost) this.#lose(run, seq);
      const [head] = entries;
      const from = run.held.first;
      if (!head || from === undefined) continue;
      const after = run.held.upTo(run.position) ?? from - 1;
      run.position = entries.at(-1)?.seq ?? head.seq;
      run.sentUpTo = Math.max(run.sentUpTo, run.position);
      this.#refresh(run);
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
    } else this.#refresh(run);
    return count;
  }

  #released(run: UnsettledRun): void {
    this.#refresh(run);
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
    for (const run of this.#runs.values()) this.#refresh(run);
  }

  /** Brings the sums and sets up to date after a change of one run, so that no change costs more with more runs. */
  #refresh(run: UnsettledRun): void {
    const before = this.#counted.get(run) ?? { backlog: 0, inFlight: 0 };
    const { backlog, inFlight } = run;
    this.#backlog += backlog - before.backlog;
    this.#inFlight += inFlight - before.inFlight;
    this.#counted.set(run, { backlog, inFlight });
    include(this.#unknown, run, run.state === "unknown" && run.held.size > 0);
    include(this.#requested, run, run.state === "requested" && run.held.size > 0);
    include(this.#ready, run, run.state === "known" && run.nextAbove(run.position, this.#isHolding) !== undefined);
  }
}
