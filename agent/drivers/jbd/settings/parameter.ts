import type { Row } from "../../../codec/layout.ts";

/** One parameter of a board: one row of the table, without code. */
export interface Parameter {
  readonly key: string;
  readonly register: number;
  /** Noun for a sentence: `cell over-voltage`. */
  readonly label: string;
  readonly group: Group;
  readonly unit: string;
  readonly decimals: number;
  readonly field: Field;
  /** True where the unit is ten times as large on a board with bit 12 of 0x2D. */
  readonly tenfold?: true;
  /** Lowest and highest value that has a meaning, in units. */
  readonly limits?: Range;
  /** Usual values, in units. */
  readonly usual?: Range | Readonly<Record<Chemistry, Range>>;
  readonly danger: Danger;
  readonly write: WriteClass;
  /** Name in the files of the vendor's programs, and in those of jbdtool where it is the same. */
  readonly fig?: string;
}

export type Range = readonly [min: number, max: number];

export const CHEMISTRIES = ["LFP", "NMC", "LTO"] as const;
export type Chemistry = (typeof CHEMISTRIES)[number];

/** In the order in which they are shown. */
export const GROUPS = [
  "cell",
  "pack",
  "current",
  "temperature",
  "delays",
  "balancing",
  "capacity",
  "board",
  "commands",
] as const;
export type Group = (typeof GROUPS)[number];

/** The worst that a wrong value does. */
export type Danger = "harmless" | "wrong-readings" | "damage" | "lock" | "cuts-power" | "unknown" | "read-only";

/** `offer`: to everybody; `expert`: behind a flag; `never`: not by this program. */
export type WriteClass = "offer" | "expert" | "never";

/** The bytes of a value within its register. */
export type Field =
  | ({ readonly kind: "number" } & Omit<Row, "name">)
  /** Tenths of a mΩ; hundredths where bit 15 is set or units are tenfold. */
  | { readonly kind: "shunt" }
  | { readonly kind: "date" }
  /** The set bits of a word, ascending. `writable`: those that may be changed. */
  | { readonly kind: "bits"; readonly names: readonly (string | undefined)[]; readonly writable: readonly number[] }
  /** A length byte, and as many characters. */
  | { readonly kind: "text" }
  | { readonly kind: "counters" }
  | { readonly kind: "shortCircuit" }
  | { readonly kind: "overcurrent" }
  | { readonly kind: "hardDelays" };

/** The value of a parameter, in units. */
export type Value = number | string | readonly number[] | Structure;
export type Structure = Readonly<Record<string, number | boolean | string>>;

/** Values by key. What a board did not report, or what has no meaning, is absent. */
export type Values = Readonly<Record<string, Value>>;
