import type { LedgerBounds } from "../../agent/outbox/bounds.ts";
import type { Entry } from "../../agent/outbox/entry.ts";
import { Ledger } from "../../agent/outbox/ledger.ts";
import { ReadingStore } from "../../agent/outbox/store.ts";

const stores = new WeakMap<Ledger, ReadingStore>();

/** A ledger over readings in memory. */
export function ledgerOf(bounds: Partial<LedgerBounds> = {}): Ledger {
  const store = new ReadingStore({});
  const ledger = new Ledger({ window: 4, messageBytes: 1_000, ...bounds }, store);
  stores.set(ledger, store);
  return ledger;
}

export function add(ledger: Ledger, entry: Entry): void {
  stores.get(ledger)?.add(entry, 0);
  ledger.add(entry);
}

export function restore(ledger: Ledger, entry: Entry): void {
  stores.get(ledger)?.add(entry, 0);
  ledger.restore(entry);
}
