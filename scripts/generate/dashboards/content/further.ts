import { QUANTITIES, QUANTITY_NAMES, type Quantity, type QuantityGroup } from "../../../../common/model/quantities.ts";
import type { Dashboard, Panel } from "../description.ts";
import { shownIn } from "../quantities-of.ts";
import { courses } from "./panels.ts";

/** Quantities of each dashboard's subject, which it shows even if nobody has drawn a panel for them. */
const SUBJECTS: Readonly<Record<string, readonly QuantityGroup[]>> = {
  pack: ["device", "cell"],
  "battery-monitor": ["device"],
  system: ["agent"],
};

/** Adds a section with the quantities that no dashboard shows: a new word of the vocabulary needs no panel of its own. */
export function withFurther(dashboards: readonly Dashboard[]): readonly Dashboard[] {
  const shown = shownIn(dashboards.flatMap(({ sections }) => sections));
  const rest = QUANTITY_NAMES.filter((name) => !shown.has(name));
  return dashboards.map((dashboard) => {
    const groups = SUBJECTS[dashboard.name] ?? [];
    const panels = panelsOf(rest.filter((name) => groups.includes(QUANTITIES[name].group)));
    return panels.length === 0
      ? dashboard
      : { ...dashboard, sections: [...dashboard.sections, { title: "Further readings", rare: true as const, panels }] };
  });
}

/** A panel per unit, since lines of one unit share an axis. */
function panelsOf(names: readonly Quantity[]): Panel[] {
  const units = new Map<string, Quantity[]>();
  for (const name of names) {
    const { unit } = QUANTITIES[name];
    units.set(unit, [...(units.get(unit) ?? []), name]);
  }
  return [...units].map(([unit, ofUnit]) =>
    courses(Object.fromEntries(ofUnit.map((name) => [name, QUANTITIES[name].about])), {
      title: unit === "" ? "Counts and codes" : `Further readings in ${unit}`,
      about: "Readings that only some devices have, as reported.",
      width: 12,
      height: 8,
    }),
  );
}
