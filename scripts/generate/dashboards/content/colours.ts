import type { Colour, Word } from "../description.ts";

const GOOD = "green";
const WARNING = "orange";
const ALARM = "red";
const NEUTRAL = "blue";
export const CHARGING = "green";
export const DISCHARGING = "orange";

/** Good up to a limit, or from it on. */
export const below = (warning: number, alarm: number): readonly Colour[] => [
  { colour: ALARM },
  { from: alarm, colour: WARNING },
  { from: warning, colour: GOOD },
];
export const above = (warning: number, alarm: number): readonly Colour[] => [
  { colour: GOOD },
  { from: warning, colour: WARNING },
  { from: alarm, colour: ALARM },
];

/** Counts of batteries. */
export const SOME_SILENT: readonly Colour[] = [{ colour: GOOD }, { from: 1, colour: WARNING }];
export const SOME_ALARM: readonly Colour[] = [{ colour: GOOD }, { from: 1, colour: ALARM }];

export const DIRECTION: readonly Colour[] = [
  { colour: DISCHARGING },
  { from: -0.05, colour: NEUTRAL },
  { from: 0.05, colour: CHARGING },
];

export const ACTED: Readonly<Record<number, Word>> = {
  0: { text: "no", colour: "transparent" },
  1: { text: "yes", colour: ALARM },
};
