import type { Rule } from "../rule.ts";
import { backlog, feed, frozen, sharedName, silent, telegraf } from "./delivery.ts";
import { alarm, protection } from "./protections.ts";
import { cellHigh, cellLow, cellSpread, chargeLow, coldCharging } from "./values.ts";

/** Every rule, in the order of the documents. */
export const RULES: readonly Rule[] = [
  protection,
  alarm,
  chargeLow,
  cellLow,
  cellHigh,
  cellSpread,
  coldCharging,
  silent,
  frozen,
  sharedName,
  backlog,
  telegraf,
  feed,
];
