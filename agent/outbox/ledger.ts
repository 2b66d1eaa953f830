import { type Acknowledgement, encodeDelivery, type Origin } from "../../common/wire/messages.ts";

/** An encoded reading, kept until it is settled. */
export interface Entry {
  readonly origin: Origin;
  readonly seq: number;
  /** Milliseconds since the Unix epoch. */
  readonly takenAt: number;
  /** The reading as `encodeReading` returns it. */
  readonly bytes: Uint8Array;
}

export interface Bounds {
  /** Bytes of all readings kept. Beyond it the oldest is dropped. */
  readonly bytes: number;
  /** How much older than the newest a reading may be. */
  readonly ageMs: number;
  /** Window: most readings sent beyond the credit. */
  readonly window: number;
  /** Bytes of readings in one message, at most, unless one alone has more. */
  readonly messageBytes: number;
}

/** An entry, and the moment at which it was added (ms, monotonic). */
interface Held extends Entry {
  readonly addedAtMs: number;
}

/** The readings of one run that are not settled. */
interface Run {
  /** In rising order of their numbers. */
  readonly entries: Held[];
  /** Index of the next entry to send. */
  next: number;
  /** As acknowledged in this epoch. */
  credit: number;
  accepted: number;
  /** The highest number that was ever sent. */
  sentUpTo: number;
  /** The aggregator's state of this run, over the present link. Nothing is sent before it is known. */
  state: "unknown" | "requested" | "known";
}

/**
 * The readings that are not settled, and the next message to send: all decisions about delivery, without socket or clock.
 *
 * The aggregator keeps nothing that matters. Over each new link its state of each run is requested, and sending goes on
 * from there. When its epoch changes, everything unsettled is sent again. Oldest first, always.
 */
export class Ledger {
  readonly #bounds: Bounds;
  /** Oldest first. */
  readonly #runs = new Map<string, Run>();
  #linked = false;
  #isAwaiting = false;
  #epoch: string | undefined;
  #bytes = 0;
  #dropped = 0;
  readonly #observers: (() => void)[] = [];

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** Calls `onChange` after each change, in the order in which observers were added. */
  observe(onChange: () => void): void {
    this.#observers.push(onChange);
  }

  /** Readings not yet accepted by every required output. */
  get backlog(): number {
    return this.#sum((run) => run.entries.length - indexAbove(run.entries, run.accepted));
  }

  get unsettled(): number {
    return this.#sum((run) => run.entries.length);
  }

  /** The aggregator's, once it has answered. */
  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** When the oldest reading that is not accepted was added (ms, monotonic). */
  get waitingSince(): number | undefined {
    let oldest: number | undefined;
    for (const { entries, accepted } of this.#runs.values()) {
      const first = entries[indexAbove(entries, accepted)];
      if (first) oldest = Math.min(oldest ?? first.addedAtMs, first.addedAtMs);
    }
    return oldest;
  }

  /** The lowest number of a run that is not settled. */
  oldestHeld(run: string): number | undefined {
    return this.#runs.get(run)?.entries[0]?.seq;
  }

  /** The readings of a run above a number that are not settled. */
  heldAfter(run: string, seq: number): readonly Entry[] {
    const entries = this.#runs.get(run)?.entries ?? [];
    return entries.slice(indexAbove(entries, seq));
  }

  /** Readings dropped to make room for newer ones, or for their age. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Readings sent beyond the credit. */
  get inFlight(): number {
    return this.#sum(inFlight);
  }

  /** True while an answer of the aggregator is pending: something was sent since the last one, or waits for a link. */
  get isAwaiting(): boolean {
    return this.#linked ? this.#isAwaiting : this.backlog > 0;
  }

  /** Adds a reading taken at `nowMs` (monotonic). Numbers rise within a run. */
  add(entry: Entry, nowMs: number): void {
    this.#hold(entry, nowMs);
    this.#changed();
  }

  /** Adds a reading of an earlier run, which may have been sent by it. */
  restore(entry: Entry, nowMs: number): void {
    this.#hold(entry, nowMs).sentUpTo = entry.seq;
    this.#changed();
  }

  linkUp(): void {
    this.#linked = true;
    this.#isAwaiting = false;
    this.requestStates();
  }

  linkDown(): void {
    this.#linked = false;
    this.#changed();
  }

  /** Requests the state of each run again, in case a message was lost. */
  requestStates(): void {
    for (const run of this.#runs.values()) run.state = "unknown";
    this.#changed();
  }

  /** Returns the message to send now, if there is one. It counts as sent. */
  next(): Uint8Array | undefined {
    if (!this.#linked) return undefined;
    const message = this.#nextRequest() ?? this.#nextDelivery();
    if (!message) return undefined;
    this.#isAwaiting = true;
    this.#changed();
    return message;
  }

  acknowledged(ack: Acknowledgement): void {
    this.#isAwaiting = false;
    this.#apply(ack);
    this.#changed();
  }

  #changed(): void {
    for (const onChange of this.#observers) onChange();
  }

  #hold(entry: Entry, nowMs: number): Run {
    const run = this.#runOf(entry.origin.run);
    run.entries.push({ ...entry, addedAtMs: nowMs });
    this.#bytes += entry.bytes.length;
    while (this.unsettled > 1 && (this.#bytes > this.#bounds.bytes || this.#isTooOld(entry))) this.#dropOldest();
    return run;
  }

  #apply(ack: Acknowledgement): void {
    if (this.#epoch !== ack.epoch) this.#enter(ack.epoch);
    const run = this.#runs.get(ack.run);
    if (!run) return;
    // Nobody can acknowledge what was never sent.
    const limit = (seq: number) => Math.min(seq, run.sentUpTo);
    // Within an epoch `accepted` never falls, unless the aggregator has forgotten the run and lacks what was after it.
    const isForgotten = limit(ack.accepted) < run.accepted;
    run.credit = limit(ack.credit);
    run.accepted = limit(ack.accepted);
    const open = indexAbove(run.entries, run.credit);
    run.next = run.state === "known" && !isForgotten ? Math.max(run.next, open) : open;
    run.state = "known";
    this.#remove(run, indexAbove(run.entries, limit(ack.settled)));
  }

  #enter(epoch: string): void {
    this.#epoch = epoch;
    for (const run of this.#runs.values()) {
      run.credit = 0;
      run.accepted = 0;
      run.next = 0;
    }
  }

  #nextRequest(): Uint8Array | undefined {
    for (const run of this.#runs.values()) {
      const [oldest] = run.entries;
      if (!oldest || run.state !== "unknown") continue;
      run.state = "requested";
      return encodeDelivery(oldest.origin, { from: oldest.seq, after: oldest.seq - 1 }, []);
    }
    return undefined;
  }

  #nextDelivery(): Uint8Array | undefined {
    const room = this.#bounds.window - this.inFlight;
    if (room <= 0) return undefined;
    for (const run of this.#runs.values()) {
      const [oldest] = run.entries;
      if (!oldest || run.state !== "known" || run.next >= run.entries.length) continue;
      const batch = this.#batch(run.entries, run.next, room);
      const after = run.entries[run.next - 1]?.seq ?? oldest.seq - 1;
      const last = batch.at(-1) ?? oldest;
      run.next += batch.length;
      run.sentUpTo = Math.max(run.sentUpTo, last.seq);
      return encodeDelivery(
        last.origin,
        { from: oldest.seq, after },
        batch.map((entry) => entry.bytes),
      );
    }
    return undefined;
  }

  /** The entries from index `first` on that fit into one message: at least one. */
  #batch(entries: readonly Entry[], first: number, room: number): Entry[] {
    const batch: Entry[] = [];
    let bytes = 0;
    for (let entry = entries[first]; entry && batch.length < room; entry = entries[first + batch.length]) {
      bytes += entry.bytes.length;
      const [head] = batch;
      if (head && (bytes > this.#bounds.messageBytes || !isSameOrigin(entry.origin, head.origin))) break;
      batch.push(entry);
    }
    return batch;
  }

  #isTooOld({ takenAt: newest }: Entry): boolean {
    for (const { entries } of this.#runs.values()) {
      const [oldest] = entries;
      if (oldest) return oldest.takenAt < newest - this.#bounds.ageMs;
    }
    return false;
  }

  #dropOldest(): void {
    for (const run of this.#runs.values()) {
      if (run.entries.length === 0) continue;
      this.#remove(run, 1);
      this.#dropped += 1;
      return;
    }
  }

  /** Removes the first entries of a run. */
  #remove(run: Run, count: number): void {
    for (const { bytes } of run.entries.splice(0, count)) this.#bytes -= bytes.length;
    run.next = Math.max(0, run.next - count);
  }

  #runOf(name: string): Run {
    const known = this.#runs.get(name);
    if (known) return known;
    const run: Run = { entries: [], next: 0, credit: 0, accepted: 0, sentUpTo: 0, state: "unknown" };
    this.#runs.set(name, run);
    return run;
  }

  #sum(amount: (run: Run) => number): number {
    let sum = 0;
    for (const run of this.#runs.values()) sum += amount(run);
    return sum;
  }
}

function inFlight(run: Run): number {
  return Math.max(0, run.next - indexAbove(run.entries, run.credit));
}

/** Index of the first entry with a number above `seq`. */
function indexAbove(entries: readonly Entry[], seq: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = entries[middle];
    if (entry && entry.seq <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isSameOrigin(a: Origin, b: Origin): boolean {
  return a.meter === b.meter && a.device === b.device && a.driver === b.driver;
}
