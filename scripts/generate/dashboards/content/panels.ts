import { QUANTITIES, type Quantity } from "../../../../common/model/quantities.ts";
import type { Line, Panel, Query } from "../description.ts";
import { ACTED } from "./colours.ts";
import { ALARMS, PROTECTIONS, stateWords } from "./state-names.ts";

type Given = Partial<Panel> & Pick<Panel, "title" | "about" | "width" | "height">;

/** Unit and decimals of the vocabulary. */
const measureOf = (quantity: Quantity) => {
  const { unit, decimals } = QUANTITIES[quantity];
  return { unit, decimals };
};

/** Beside an axis Grafana chooses the decimals; that it chooses one for voltages is too few. */
const axisOf = (quantity: Quantity) => {
  const { unit, kind } = QUANTITIES[quantity];
  return { unit, ...(kind === "int" ? { decimals: 0 } : unit === "V" && { decimals: 2 }) };
};

/** A quantity of each meter over time. */
export const course = (quantity: Quantity, given: Given): Panel => ({
  draw: "course",
  lines: [{ query: { kind: "course", quantity, of: "mean" } }],
  ...axisOf(quantity),
  ...given,
});

/** Several quantities over time, labelled. */
export const courses = (lines: Readonly<Partial<Record<Quantity, string>>>, given: Given): Panel => {
  const [first] = Object.keys(lines) as Quantity[];
  return {
    draw: "course",
    lines: Object.entries(lines).map(
      ([quantity, label]): Line => ({ query: { kind: "course", quantity: quantity as Quantity, of: "mean" }, label }),
    ),
    ...axisOf(first ?? "volts"),
    ...given,
  };
};

/** The newest value of a quantity, a tile per meter. */
export const newest = (quantity: Quantity, given: Given): Panel => ({
  draw: "tiles",
  lines: [{ query: { kind: "newest", quantity } }],
  empty: "no reading",
  ...measureOf(quantity),
  ...given,
});

/** States that a device reports, a row each. */
export const states = (names: readonly Quantity[], given: Given & Pick<Panel, "words">): Panel => ({
  draw: "states",
  lines: names.map((quantity) => ({ query: { kind: "course", quantity, of: "highest" }, label: stateWords(quantity) })),
  unit: "",
  ...given,
});

/** States of which only those are shown that were reported, a row each. */
const acted = (names: readonly Quantity[], given: Given & Pick<Panel, "words">): Panel => ({
  draw: "states",
  lines: names.map((quantity) => ({ query: { kind: "acted", quantity }, label: stateWords(quantity) })),
  unit: "",
  ...given,
});

/** Every protection and alarm of all batteries. */
export const ALL_THAT_ACTED = acted([...PROTECTIONS, ...ALARMS], {
  title: "Protections and alarms",
  about: "Red while a battery reports one. Those that acted at no time of the range are missing.",
  width: 24,
  height: 6,
  words: ACTED,
  empty: "none acted",
});

export const panel = (query: Query, given: Given & Pick<Panel, "draw" | "unit">): Panel => ({
  lines: [{ query }],
  ...given,
});
