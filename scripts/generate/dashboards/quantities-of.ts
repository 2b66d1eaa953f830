import type { Quantity } from "../../../common/model/quantities.ts";
import type { Query, Section } from "./description.ts";
import { FAMILIES } from "./names.ts";

const READ_BY = {
  energy: ["watts"],
  "total-energy": ["watts"],
  observed: ["watts"],
  "last-seen": ["volts"],
  "hours-left": ["remain", "amps"],
  site: ["volts", "percent"],
  "site-course": ["volts", "percent"],
  "silent-since": ["volts"],
} as const satisfies Partial<Record<Query["kind"], readonly Quantity[]>>;

/** Quantities that a query reads. */
function quantitiesOf(query: Query): readonly Quantity[] {
  if ("quantity" in query) return [query.quantity];
  if ("family" in query) return FAMILIES[query.family].quantities;
  return query.kind === "program" || query.kind === "telegraf" ? [] : READ_BY[query.kind];
}

/** Quantities that the panels of sections show. */
export const shownIn = (sections: readonly Section[]): ReadonlySet<Quantity> =>
  new Set(
    sections.flatMap(({ panels }) => panels.flatMap(({ lines }) => lines.flatMap(({ query }) => quantitiesOf(query)))),
  );
