import type { Change, Place, Row, Store, Tier } from "./store.ts";
import { TIERS } from "./store.ts";

/** Bytes that the memory of a row takes besides its content, about. */
const ROW_BYTES = 100;

export interface MemoryStore extends Store {
  /** Every row, by tier. */
  all(): readonly Change[];
  remove(places: readonly Place[]): void;
}

export function memoryStore(): MemoryStore {
  const meters = new Set<string>();
  const tiers = new Map<Tier, Map<string, Map<number, Uint8Array>>>(TIERS.map((tier) => [tier, new Map()]));
  let bytes = 0;

  const rowsOf = ({ tier, meter }: Pick<Place, "tier" | "meter">) => tiers.get(tier)?.get(meter);
  const slotsOf = (tier: Tier) => [...(tiers.get(tier)?.values() ?? [])].flatMap((rows) => [...rows.keys()]);
  const sizeOf = (row: Uint8Array | undefined) => (row ? row.length + ROW_BYTES : 0);

  function put({ tier, meter, slot, bytes: content }: Change) {
    const rows = rowsOf({ tier, meter }) ?? new Map<number, Uint8Array>();
    tiers.get(tier)?.set(meter, rows);
    meters.add(meter);
    bytes += sizeOf(content) - sizeOf(rows.get(slot));
    rows.set(slot, content);
  }
  return {
    meters: () => [...meters],
    read: (place) => rowsOf(place)?.get(place.slot),
    *scan({ from, to, ...place }): Iterable<Row> {
      const rows = rowsOf(place) ?? new Map<number, Uint8Array>();
      const slots = [...rows.keys()].filter((slot) => slot >= from && slot < to).sort((a, b) => a - b);
      for (const slot of slots) {
        const content = rows.get(slot);
        if (content) yield { slot, bytes: content };
      }
    },
    write: (changes) => changes.forEach(put),
    prune(tier, before) {
      for (const rows of tiers.get(tier)?.values() ?? []) {
        for (const [slot, content] of rows) {
          if (slot >= before) continue;
          bytes -= sizeOf(content);
          rows.delete(slot);
        }
      }
    },
    newest: (tier, newer) => [...new Set(slotsOf(tier))].sort((a, b) => b - a)[newer],
    oldest(tier) {
      const slots = slotsOf(tier);
      return slots.length === 0 ? undefined : slots.reduce((a, b) => Math.min(a, b));
    },
    bytes: () => bytes,
    compact() {},
    all: () =>
      [...tiers].flatMap(([tier, ofTier]) =>
        [...ofTier].flatMap(([meter, rows]) =>
          [...rows].map(([slot, content]) => ({ tier, meter, slot, bytes: content })),
        ),
      ),
    remove(places) {
      for (const place of places) {
        const rows = rowsOf(place);
        bytes -= sizeOf(rows?.get(place.slot));
        rows?.delete(place.slot);
      }
    },
  };
}
