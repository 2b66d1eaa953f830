import type { HistoryFile } from "./history-file.ts";
import type { Limits } from "./limits.ts";
import { type MemoryStore, memoryStore } from "./memory-store.ts";
import { createNames, type Names } from "./names.ts";
import { type Place, type Range, type Row, type Store, TIERS, type Tier } from "./store.ts";

/** A store in memory, in front of a file where there is one. */
export interface BackedStore extends Store {
  readonly names: Names;
  kind(): "disk" | "memory";
  limits(): Limits;
  /** Writes what is not deferred to the file. False if it fails: it stays in memory. */
  commit(isDeferred: (place: Place) => boolean): boolean;
  close(): void;
}

/** Bounds without a file. */
const IN_MEMORY: Limits = { readingDays: 2, minuteDays: 31, bytes: 32e6 };
/** Bounds of a file, the present day included. */
const ON_DISK = { readingDays: 8, minuteDays: 401 };
/** Rows that are read at once. */
const PAGE = 64;
/** Minutes of readings that are dropped at once. */
const DROPPED = 60;

/** Lasts as long as the process. */
export function memoryBackedStore(): BackedStore {
  return {
    ...memoryStore(),
    names: createNames(),
    kind: () => "memory",
    limits: () => IN_MEMORY,
    commit: () => true,
    close() {},
  };
}

/** `bytes`: what the file may take. */
export function fileBackedStore(file: HistoryFile, bytes: number): BackedStore {
  const unwritten = memoryStore();
  const names = createNames(file.names);
  const oldestOf = (a: number | undefined, b: number | undefined) =>
    a === undefined || (b !== undefined && b < a) ? b : a;

  function* stored({ from, ...range }: Range): Iterable<Row> {
    let next = from;
    while (true) {
      const rows = file.read((store) => store.page({ ...range, from: next }, PAGE), []);
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return;
      next = last.slot + 1;
    }
  }
  return {
    names,
    kind: () => (file.isUsable() ? "disk" : "memory"),
    limits: () => (file.isUsable() ? { ...ON_DISK, bytes } : IN_MEMORY),
    meters: () => [...new Set([...file.read((store) => store.meters(), []), ...unwritten.meters()])],
    read: (place) => unwritten.read(place) ?? file.read((store) => store.read(place), undefined),
    scan: (range) => merge(stored(range), unwritten.scan(range)),
    write: unwritten.write,
    prune(tier, before) {
      unwritten.prune(tier, before);
      file.read((store) => store.prune(tier, before), undefined);
    },
    newest: (tier, newer) =>
      file.read((store) => store.newest(tier, newer), undefined) ?? unwritten.newest(tier, newer),
    oldest: (tier) =>
      oldestOf(
        file.read((store) => store.oldest(tier), undefined),
        unwritten.oldest(tier),
      ),
    bytes: () => (file.isUsable() ? file.read((store) => store.bytes(), 0) : unwritten.bytes()),
    compact: () => file.read((store) => store.compact(), undefined),
    commit(isDeferred) {
      const rows = unwritten.all().filter((row) => !isDeferred(row));
      if (rows.length === 0) return true;
      const isWritten = file.write(rows, names.all());
      if (isWritten) unwritten.remove(rows);
      else bound(unwritten);
      return isWritten;
    },
    close: () => file.close(),
  };
}

/** Drops the oldest readings, then the oldest of the others, while the disk does not take them. */
function bound(store: MemoryStore): void {
  const drop = (tier: Tier, count: number) => {
    const oldest = store.oldest(tier);
    if (oldest !== undefined) store.prune(tier, oldest + count);
    return oldest !== undefined;
  };
  while (store.bytes() > IN_MEMORY.bytes) {
    if (!drop("readings", DROPPED) && !TIERS.some((tier) => drop(tier, 1))) return;
  }
}

/** Rows by rising slot; those of `newer` replace others of the same slot. */
function* merge(older: Iterable<Row>, newer: Iterable<Row>): Iterable<Row> {
  const others = newer[Symbol.iterator]();
  let other = others.next();
  for (const row of older) {
    while (!other.done && other.value.slot < row.slot) {
      yield other.value;
      other = others.next();
    }
    if (!other.done && other.value.slot === row.slot) continue;
    yield row;
  }
  while (!other.done) {
    yield other.value;
    other = others.next();
  }
}
