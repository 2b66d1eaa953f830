import type { Board } from "./board.ts";
import { decodeRegister } from "./codec.ts";
import { type Difference, differences } from "./differences.ts";
import { ordered } from "./order.ts";
import type { Chemistry, Values } from "./parameter.ts";
import { refusals } from "./rules.ts";
import { type RegisterChange, registerChanges, type Settings } from "./settings.ts";
import { SETTINGS } from "./table/table.ts";
import { valueText } from "./words.ts";

/** Origin of the wanted values, which decides about those that must not be written. */
export type Origin =
  /** Named one by one: each is wanted. */
  | "asked"
  /** A file, perhaps of another pack: what identifies a board is left as it is. */
  | "file"
  /** The file of this pack's own former state: it was valid for this pack, so its values are not judged. */
  | "former-state";

export interface Wish {
  readonly settings: Settings;
  readonly wanted: Values;
  readonly origin: Origin;
  readonly board: Board;
  readonly chemistry: Chemistry | undefined;
  readonly isExpert: boolean;
}

export type Plan =
  | { readonly kind: "refused"; readonly reasons: readonly string[] }
  | {
      readonly kind: "planned";
      /** In the order in which they are to be written; empty where nothing differs. */
      readonly changes: readonly RegisterChange[];
      readonly differences: readonly Difference[];
      /** Differences that are left as they are, because this program never writes them. */
      readonly left: readonly Difference[];
      /** Settings that this board does not have. */
      readonly missing: readonly string[];
    };

/** The writes that fulfil a wish, or the reasons against them. */
export function planChanges({ settings, wanted, origin, board, chemistry, isExpert }: Wish): Plan {
  const before = settings.values;
  const different = differences(before, wanted);
  const left = different.filter((difference) => isLeft(difference, origin));
  const writable = origin === "former-state" ? withLockedBits(wanted, before) : wanted;
  const chosen = differences(before, writable).filter((difference) => !isLeft(difference, origin));
  const missing = Object.keys(wanted).filter((key) => before[key] === undefined);
  const changed = chosen.map(({ parameter }) => parameter);
  const values = Object.fromEntries(chosen.map(({ parameter: { key }, after }) => [key, after ?? ""]));
  // The number of cells is judged though it is never written.
  const after = { ...before, ...values, ...(wanted.cells !== undefined && { cells: wanted.cells }) };
  const isFormerState = origin === "former-state";
  const reasons = [
    ...refusals({ before, after, changed, board, chemistry, isExpert, isFormerState }),
    ...(origin === "asked" ? missing.map((key) => `this board does not have ${key}: leave it out`) : []),
  ];
  if (reasons.length > 0) return { kind: "refused", reasons };
  try {
    const changes = registerChanges(settings, values, board.coding);
    const reached = changes.map(({ register, after: data }) => decodeRegister(register, data, board.coding));
    const rounded = differences(values, Object.assign({}, ...reached));
    if (rounded.length > 0) return { kind: "refused", reasons: rounded.map(roundingText) };
    const context = { coding: board.coding, cells: board.cells ?? 0 };
    return { kind: "planned", changes: ordered(changes, before, context), differences: chosen, left, missing };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { kind: "refused", reasons: [`${error.message}: choose another value`] };
  }
}

function roundingText({ parameter, before = "", after = "" }: Difference): string {
  const [wanted, nearest] = [before, after].map((value) => valueText(parameter, value));
  return `this board cannot hold ${wanted} for ${parameter.label} (${parameter.key}): choose ${nearest}`;
}

/** A file names what identifies its board; no other setting that is never written may differ in silence. */
function isLeft({ parameter: { write, danger } }: Difference, origin: Origin): boolean {
  if (write !== "never" || origin === "asked") return false;
  return origin === "former-state" || danger === "harmless";
}

/** The values with the pack's own bits for those that are never changed. */
function withLockedBits(wanted: Values, before: Values): Values {
  const merged = SETTINGS.flatMap(({ key, field }) => {
    const [own, other] = [before[key], wanted[key]];
    if (field.kind !== "bits" || !Array.isArray(own) || !Array.isArray(other)) return [];
    const isWritable = (bit: number) => field.writable.includes(bit);
    const bits = [...own.filter((bit: number) => !isWritable(bit)), ...other.filter(isWritable)];
    return [[key, bits.sort((a, b) => a - b)] as const];
  });
  return { ...wanted, ...Object.fromEntries(merged) };
}
