import type { CellLimits, CellView } from "../model/views.ts";
import { plain } from "./words.ts";

/** `2.800 to 3.650 V`; undefined where no limit is known. */
export function limitsInWords({ lowMillivolts, highMillivolts }: CellLimits): string | undefined {
  const [low, high] = [lowMillivolts, highMillivolts].map((limit) => limit && plain(limit / 1000, 3));
  if (low && high) return `${low} to ${high} V`;
  if (low) return `at least ${low} V`;
  return high ? `at most ${high} V` : undefined;
}

/** A voltage at which an alert starts. */
export function isBeyond(
  { millivolts }: CellView,
  { lowMillivolts = Number.NEGATIVE_INFINITY, highMillivolts = Number.POSITIVE_INFINITY }: CellLimits,
): boolean {
  return millivolts <= lowMillivolts || millivolts >= highMillivolts;
}
