import { isDeepStrictEqual } from "node:util";
import type { Values } from "./polls.ts";
import type { Stored } from "./verdict.ts";

/** What one run of an agent took, by its own capture: one entry for each answered poll, in order. */
export interface CapturedRun {
  readonly polls: readonly Values[];
  /** Whether it was killed: of its last poll it may have had a part only. */
  readonly wasKilled: boolean;
}

/** What the captures say of what is stored. */
export interface Account {
  /** Polls that were taken. */
  readonly taken: number;
  /** Of these, not stored. */
  readonly missing: number;
  /** Stored rows with an answer that no agent took. */
  readonly strays: readonly Stored[];
}

/** Holds what is stored against what each meter's runs took: the same answers in the same order. */
export function accountFor(captured: ReadonlyMap<string, readonly CapturedRun[]>, stored: readonly Stored[]): Account {
  const answered = stored.filter(({ values }) => Object.keys(values).length > 0);
  const accounts = [...captured].map(([meter, runs]) =>
    accountForMeter(
      runs,
      answered.filter((row) => row.meter === meter).sort((a, b) => a.time - b.time),
    ),
  );
  const sum = (amount: (account: Account) => number) => accounts.reduce((total, each) => total + amount(each), 0);
  return {
    taken: sum(({ taken }) => taken),
    missing: sum(({ missing }) => missing),
    strays: accounts.flatMap(({ strays }) => strays),
  };
}

function accountForMeter(runs: readonly CapturedRun[], rows: readonly Stored[]): Account {
  const polls = runs.flatMap(({ polls: own, wasKilled }) =>
    own.map((values, i) => ({ values, mayBePart: wasKilled && i === own.length - 1 })),
  );
  const strays: Stored[] = [];
  const found = new Set<number>();
  let from = 0;
  for (const row of rows) {
    const at = polls.findIndex(({ values }, i) => i >= from && isDeepStrictEqual(values, row.values));
    if (at < 0) strays.push(row);
    else {
      found.add(at);
      from = at + 1;
    }
  }
  const taken = polls.filter(({ mayBePart }, i) => !mayBePart || found.has(i)).length;
  return { taken, missing: taken - found.size, strays };
}
