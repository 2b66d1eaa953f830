/** Bytes by tier, meter and slot: what the history keeps, in memory or in a file. */
export interface Store {
  /** Names of the meters that have rows, in the order of their first row. */
  meters(): readonly string[];
  read(place: Place): Uint8Array | undefined;
  /** Rows of one meter by rising slot, `to` exclusive. Rows may be written in between. */
  scan(range: Range): Iterable<Row>;
  /** All or nothing. Replaces what is there. */
  write(changes: readonly Change[]): void;
  /** Deletes the rows of all meters before a slot. */
  prune(tier: Tier, before: number): void;
  /** The slot that has `newer` newer ones, those of all meters taken together. */
  newest(tier: Tier, newer: number): number | undefined;
  oldest(tier: Tier): number | undefined;
  /** Space that the rows take. */
  bytes(): number;
  /** Returns the space of deleted rows to the disk, if it is much. */
  compact(): void;
}

/**
 * Content of one row, and its slot:
 * `readings`: the readings of a minute; minutes since the Unix epoch.
 * `minutes`: the minutes of an hour, summarised; hours since the epoch.
 * `hours`: the hours of a day of UTC, summarised; days since the epoch.
 * `days`: a day in the viewer's time zone, as JSON; such as 20261127.
 * `open`: one row per meter, in slot 0: the hour whose summaries are not written yet, as JSON.
 */
export const TIERS = ["readings", "minutes", "hours", "days", "open"] as const;
export type Tier = (typeof TIERS)[number];

/** Time that a slot covers, ms. */
export const SLOT_MS = { readings: 60_000, minutes: 3_600_000, hours: 86_400_000 } as const;

export const slotOf = (tier: keyof typeof SLOT_MS, at: number) => Math.floor(at / SLOT_MS[tier]);

export interface Place {
  readonly tier: Tier;
  readonly meter: string;
  readonly slot: number;
}

export interface Change extends Place {
  readonly bytes: Uint8Array;
}

export interface Range {
  readonly tier: Tier;
  readonly meter: string;
  readonly from: number;
  readonly to: number;
}

export type Row = Pick<Change, "slot" | "bytes">;
