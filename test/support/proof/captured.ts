import { isDeepStrictEqual } from "node:util";
import type { Values } from "./polls.ts";
import type { Stored } from "./stored.ts";

/** The answered polls of one run of an agent, from its own capture, in order. */
export interface CapturedRun {
  readonly polls: readonly Values[];
  /** True if the run was killed, so that its last poll may be incomplete. */
  readonly wasKilled: boolean;
}

/** Comparison of captures with stored rows. */
export interface Account {
  /** Polls in the captures. */
  readonly taken: number;
  /** Number of these that are not stored. */
  readonly missing: number;
  /** Stored rows with an answer that is in no capture. */
  readonly strays: readonly Stored[];
}

/** Compares stored rows with the captures of each meter: the same answers in the same order. */
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
