import { type Acknowledgement, encodeDelivery, type Origin } from "../../common/wire/messages.ts";

/** A reading that somebody may have to send again. */
export interface Entry {
  readonly origin: Origin;
  readonly seq: number;
  /** Milliseconds since the Unix epoch. */
  readonly takenAt: number;
  /** As it travels. */
  readonly bytes: Uint8Array;
}

export interface Bounds {
  /** Bytes of readings that are kept; beyond it the oldest goes. */
  readonly bytes: number;
  /** How much older than the newest a reading may be, ms. */
  readonly ageMs: number;
  /** Window: most readings sent beyond the credit. */
  readonly window: number;
  /** Bytes of readings in one message, at most, unless one alone has more. */
  readonly messageBytes: number;
}

/** An entry, and the moment from which on it waits (ms, monotonic). */
interface Held extends Entry {
  readonly since: number;
}

/** What is left of one run. */
interface Run {
  /** In rising order of their numbers. */
  readonly entries: Held[];
  /** Index of the next entry to send. */
  next: number;
  /** As the aggregator told in this epoch. */
  credit: number;
  accepted: number;
  /** The highest number that the aggregator can know of. */
  reach: number;
  /** Whether the aggregator has told over this link where it stands. Before that nothing is sent. */
  standing: "unknown" | "asked" | "known";
}

/**
 * What is not settled, and what to send next: everything that decides about delivery, without socket or clock.
 *
 * The aggregator keeps nothing that matters. On each new link it is asked where it stands with each run, and sending goes
 * on from there; when its epoch changes, everything unsettled is sent again. Oldest first, always.
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

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** Readings not yet accepted by every required output. */
  get backlog(): number {
    return this.#sum((run) => run.entries.length - indexAbove(run.entries, run.accepted));
  }

  get unsettled(): number {
    return this.#sum((run) => run.entries.length);
  }

  /** The aggregator's, once it has told. */
  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** The moment from which on the oldest reading waits to be accepted (ms, monotonic). */
  get waitingSince(): number | undefined {
    let oldest: number | undefined;
    for (const { entries, accepted } of this.#runs.values()) {
      const first = entries[indexAbove(entries, accepted)];
      if (first) oldest = Math.min(oldest ?? first.since, first.since);
    }
    return oldest;
  }

  /** The lowest number of a run that is not settled. */
  oldestHeld(run: string): number | undefined {
    return this.#runs.get(run)?.entries[0]?.seq;
  }

  /** What is not settled of a run above a number. */
  heldAfter(run: string, seq: number): readonly Entry[] {
    const entries = this.#runs.get(run)?.entries ?? [];
    return entries.slice(indexAbove(entries, seq));
  }

  /** Readings that went because newer ones needed their place, or for their age. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Readings sent beyond the credit. */
  get inFlight(): number {
    return this.#sum(inFlight);
  }

  /** Whether something was sent since the aggregator was last heard, or waits for a link. */
  get isAwaiting(): boolean {
    return this.#linked ? this.#isAwaiting : this.backlog > 0;
  }

  /** A reading that is taken now (ms, monotonic). Numbers rise within a run. */
  add(entry: Entry, now: number): void {
    this.#runOf(entry.origin.run).entries.push({ ...entry, since: now });
    this.#bytes += entry.bytes.length;
    while (this.unsettled > 1 && (this.#bytes > this.#bounds.bytes || this.#isTooOld(entry))) this.#dropOldest();
  }

  /** A reading of an earlier run, which may have been sent by it. */
  restore(entry: Entry, now: number): void {
    this.add(entry, now);
    this.#runOf(entry.origin.run).reach = entry.seq;
  }

  linkUp(): void {
    this.#linked = true;
    this.#isAwaiting = false;
    this.askAgain();
  }

  linkDown(): void {
    this.#linked = false;
  }

  /** Trusts nothing that was told over this link. */
  askAgain(): void {
    for (const run of this.#runs.values()) run.standing = "unknown";
  }

  /** The message to send now, if there is one; it counts as sent. */
  next(): Uint8Array | undefined {
    if (!this.#linked) return undefined;
    const message = this.#ask() ?? this.#deliver();
    if (message) this.#isAwaiting = true;
    return message;
  }

  acknowledged(ack: Acknowledgement): void {
    this.#isAwaiting = false;
    if (this.#epoch !== ack.epoch) this.#enter(ack.epoch);
    const run = this.#runs.get(ack.run);
    if (!run) return;
    // Nobody can acknowledge what was never sent.
    const limit = (seq: number) => Math.min(seq, run.reach);
    run.credit = Math.max(run.credit, limit(ack.credit));
    run.accepted = Math.max(run.accepted, limit(ack.accepted));
    const open = indexAbove(run.entries, run.credit);
    run.next = run.standing === "known" ? Math.max(run.next, open) : open;
    run.standing = "known";
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

  #ask(): Uint8Array | undefined {
    for (const run of this.#runs.values()) {
      const [oldest] = run.entries;
      if (!oldest || run.standing !== "unknown") continue;
      run.standing = "asked";
      return encodeDelivery(oldest.origin, { from: oldest.seq, after: oldest.seq - 1 }, []);
    }
    return undefined;
  }

  #deliver(): Uint8Array | undefined {
    const room = this.#bounds.window - this.inFlight;
    if (room <= 0) return undefined;
    for (const run of this.#runs.values()) {
      const [oldest] = run.entries;
      if (!oldest || run.standing !== "known" || run.next >= run.entries.length) continue;
      const batch = this.#batch(run.entries, run.next, room);
      const after = run.entries[run.next - 1]?.seq ?? oldest.seq - 1;
      const last = batch.at(-1) ?? oldest;
      run.next += batch.length;
      run.reach = Math.max(run.reach, last.seq);
      return encodeDelivery(
        last.origin,
        { from: oldest.seq, after },
        batch.map((entry) => entry.bytes),
      );
    }
    return undefined;
  }

  /** As many entries from `first` on as fit one message: at least one. */
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

  /** Takes the first entries of a run away. */
  #remove(run: Run, count: number): void {
    for (const { bytes } of run.entries.splice(0, count)) this.#bytes -= bytes.length;
    run.next = Math.max(0, run.next - count);
  }

  #runOf(name: string): Run {
    const known = this.#runs.get(name);
    if (known) return known;
    const run: Run = { entries: [], next: 0, credit: 0, accepted: 0, reach: 0, standing: "unknown" };
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
