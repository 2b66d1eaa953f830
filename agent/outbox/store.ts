import { EARLIEST_TAKEN_AT, LATEST_TAKEN_AT } from "../../common/model/reading.ts";
import type { Entry } from "./entry.ts";
import type { ReadingSource } from "./reading-source.ts";
import type { Spool } from "./spool/spool.ts";

/** Storage in which readings survive their process. */
export interface Tiers {
  /** In the memory of the system (tmpfs): survives every process, but no power cut. Each reading is written at once. */
  readonly runtime?: Spool | undefined;
  /** On disk: survives a power cut. */
  readonly disk?: Spool | undefined;
}

export interface LostReadings {
  /** On disk, where they cannot be read any more. */
  unreadable: number;
  /** Their times are outside the range of the wire: taken with a clock that was not set, before a power cut. */
  untimed: number;
}

/** An entry, and the moment at which it was added (ms, monotonic). */
interface Held extends Entry {
  readonly addedAtMs: number;
}

/** Memory of an entry beyond its bytes, bytes. Measured: 330 under `--jitless`. */
const ENTRY_OVERHEAD = 350;

/**
 * The unsettled readings themselves. Those that are on disk are read from there when they are sent, so that memory does not
 * grow with the backlog; all others are in memory, with a copy in the runtime tier.
 */
export class ReadingStore implements ReadingSource {
  readonly #tiers: Tiers;
  readonly #memory = new Map<string, Map<number, Held>>();
  #memoryBytes = 0;
  #lost: LostReadings = { unreadable: 0, untimed: 0 };
  /** While true each reading is written to disk as it is added, and needs no copy in the runtime tier. */
  writesThrough = false;

  constructor(tiers: Tiers) {
    this.#tiers = tiers;
  }

  /** Estimated cost of the readings in memory, bytes. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  get diskBytes(): number {
    return this.#tiers.disk?.bytes ?? 0;
  }

  /** Yields the readings that earlier runs left, oldest first, each once. */
  *restore(nowMs: number): Generator<Entry> {
    const { disk, runtime } = this.#tiers;
    yield* disk?.load() ?? [];
    const runs = new Set<string>();
    for (const entry of runtime?.load() ?? []) {
      runs.add(entry.origin.run);
      if (this.#isOnDisk(entry)) continue;
      this.#remember(entry, nowMs);
      yield entry;
    }
    this.persist();
    for (const run of runs) this.#trim(run);
  }

  /** Takes a reading over. It survives this process from here on, if there is a tier that takes it. */
  add(entry: Entry, nowMs: number): void {
    const { disk, runtime } = this.#tiers;
    if (this.writesThrough && this.#memory.size === 0) disk?.append([entry]);
    if (this.#isOnDisk(entry)) return;
    runtime?.append([entry]);
    this.#remember(entry, nowMs);
    if (this.writesThrough) this.persist();
  }

  read(run: string, seq: number): Entry | undefined {
    const entry = this.#memory.get(run)?.get(seq) ?? this.#tiers.disk?.read(run, seq);
    if (!entry) this.#lost.unreadable += 1;
    // The aggregator would reject the whole message.
    else if (entry.takenAt < EARLIEST_TAKEN_AT || entry.takenAt >= LATEST_TAKEN_AT) this.#lost.untimed += 1;
    else return entry;
    return undefined;
  }

  /** Forgets the readings of a run below a number. */
  release(run: string, below: number): void {
    const { disk, runtime } = this.#tiers;
    this.#forget(run, below);
    runtime?.release(run, below);
    disk?.release(run, below);
  }

  /** Writes everything to disk that is not there yet. */
  persist(): void {
    this.#tiers.disk?.append(this.#unwritten());
    for (const run of this.#memory.keys()) this.#trim(run);
  }

  /** Replaces entries, wherever they are. */
  rewrite(change: (entry: Entry) => Entry): void {
    for (const entries of this.#memory.values()) {
      for (const [seq, entry] of entries) entries.set(seq, { ...change(entry), addedAtMs: entry.addedAtMs });
    }
    this.#tiers.runtime?.rewrite(change);
    this.#tiers.disk?.rewrite(change);
  }

  /**
   * The moment (ms, monotonic) at which the oldest waiting reading was added, of those that are only in memory. `firstWaiting`
   * returns the lowest number of a run that waits.
   */
  waitingSince(firstWaiting: (run: string) => number | undefined): number | undefined {
    for (const [run, entries] of this.#memory) {
      const seq = firstWaiting(run);
      const entry = seq === undefined ? undefined : entries.get(seq);
      if (entry) return entry.addedAtMs;
    }
    return undefined;
  }

  /** Forgets the oldest reading that is in memory only, and returns it. */
  takeOldestInMemory(): Entry | undefined {
    for (const [run, entries] of this.#memory) {
      for (const entry of entries.values()) {
        this.#forget(run, entry.seq + 1);
        this.#tiers.runtime?.release(run, entry.seq + 1);
        return entry;
      }
    }
    return undefined;
  }

  /** The highest number of each run in the oldest file on disk, unless it is the only one. */
  get oldestOnDisk(): ReadonlyMap<string, number> | undefined {
    return this.#tiers.disk?.oldest();
  }

  /** Readings that the end of this process would lose. */
  get onlyInMemory(): number {
    let count = 0;
    for (const { origin, seq } of this.#unwritten()) {
      if (seq > (this.#tiers.runtime?.reached(origin.run) ?? 0)) count += 1;
    }
    return count;
  }

  /** Returns how many readings turned out to be lost since the last call. */
  takeLost(): Readonly<LostReadings> {
    const lost = this.#lost;
    this.#lost = { unreadable: 0, untimed: 0 };
    return lost;
  }

  syncSoon(): void {
    this.#tiers.disk?.syncSoon();
  }

  async close(): Promise<void> {
    this.persist();
    await this.#tiers.disk?.close();
    await this.#tiers.runtime?.close();
  }

  *#unwritten(): Generator<Entry> {
    for (const entries of this.#memory.values()) yield* entries.values();
  }

  #isOnDisk({ origin, seq }: Entry): boolean {
    return seq <= (this.#tiers.disk?.reached(origin.run) ?? 0);
  }

  #remember(entry: Entry, nowMs: number): void {
    const { run } = entry.origin;
    const entries = this.#memory.get(run) ?? new Map<number, Held>();
    this.#memory.set(run, entries.set(entry.seq, { ...entry, addedAtMs: nowMs }));
    this.#memoryBytes += costOf(entry);
  }

  /** Forgets what is on disk. */
  #trim(run: string): void {
    const { disk, runtime } = this.#tiers;
    const reached = disk?.reached(run) ?? 0;
    if (reached === 0) return;
    this.#forget(run, reached + 1);
    runtime?.release(run, reached + 1);
  }

  #forget(run: string, below: number): void {
    const entries = this.#memory.get(run);
    if (!entries) return;
    for (const [seq, entry] of entries) {
      if (seq >= below) break;
      entries.delete(seq);
      this.#memoryBytes -= costOf(entry);
    }
    if (entries.size === 0) this.#memory.delete(run);
  }
}

function costOf({ bytes }: Entry): number {
  return ENTRY_OVERHEAD + bytes.length;
}
