import { CELL_NAMES } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";
import type { CellExtreme, LifetimeView } from "../model/views.ts";
import { definedOnly } from "./defined-only.ts";
import type { ChargeEnd, MinuteSummary, Part } from "./summaries.ts";

/** A device that reports whole numbers reports 100 %. */
const FULL_PERCENT = 99.5;
/** A cycle is counted when the charge rises above the second after it fell below the first, as Victron counts them. */
const CYCLE_LOW_PERCENT = 65;
const CYCLE_HIGH_PERCENT = 90;
const WH_PER_KWH = 1000;

/** Figures of some minutes in the order of time; undefined for none. */
export function summariseMinutes(minutes: readonly MinuteSummary[]): Part | undefined {
  return joinAll(minutes.map(partOf));
}

/** The parts of a stretch of time, in their order, as one; undefined for none. */
export function joinAll(parts: readonly Part[]): Part | undefined {
  const [first, ...others] = parts;
  return first && others.reduce(joinParts, first);
}

/** Lifetime figures of a meter from its days, oldest first. Undefined without a day. */
export function lifetimeOf(meter: string, days: readonly Part[]): LifetimeView | undefined {
  const all = joinAll(days);
  if (!all) return undefined;
  const { lowestVolts, highestVolts, lowestCell, highestCell, lowestPercent, deepestDischargeAh, lastFullAt } = all;
  return definedOnly<LifetimeView>({
    meter,
    since: all.firstAt,
    chargedKwh: all.chargedWh / WH_PER_KWH,
    dischargedKwh: all.dischargedWh / WH_PER_KWH,
    dischargedAh: all.dischargedAh,
    deepestDischargeAh,
    averageDischargeAh: all.fullCycles > 0 ? all.dischargedAh / all.fullCycles : undefined,
    lowestPercent,
    fullCycles: all.fullCycles,
    lastFullAt,
    lowestVolts,
    highestVolts,
    lowestCell,
    highestCell,
  });
}

export function partOf({ at, low, high, figures }: MinuteSummary): Part {
  const { chargedWh = 0, dischargedWh = 0, chargedAh = 0, dischargedAh = 0, observedMs = 0 } = figures;
  const { firstEnd, lastEnd } = endsOf(low.percent, high.percent);
  const isAtFull = isFull(high);
  return definedOnly<Part>({
    firstAt: at,
    lastAt: at,
    chargedWh,
    dischargedWh,
    chargedAh,
    dischargedAh,
    observedMs,
    lowestVolts: low.volts,
    highestVolts: high.volts,
    lowestCell: extremeCell(low, at, Math.min),
    highestCell: extremeCell(high, at, Math.max),
    lowestPercent: low.percent,
    fullCycles: firstEnd === lastEnd ? 0 : 1,
    firstEnd,
    lastEnd,
    lastFullAt: isAtFull ? at : undefined,
    remainAtFull: isAtFull ? high.remain : undefined,
    lowestBeforeFull: low.remain,
    deepestDischargeAh: isAtFull ? difference(high.remain, low.remain) : undefined,
  });
}

/** The figures of two stretches of time as those of one. Associative: what is joined first does not matter. */
export function joinParts(first: Part, second: Part): Part {
  const isCycle = first.lastEnd === "low" && second.firstEnd === "high";
  const between = difference(first.remainAtFull, second.lowestBeforeFull);
  return definedOnly<Part>({
    firstAt: first.firstAt,
    lastAt: second.lastAt,
    chargedWh: first.chargedWh + second.chargedWh,
    dischargedWh: first.dischargedWh + second.dischargedWh,
    chargedAh: first.chargedAh + second.chargedAh,
    dischargedAh: first.dischargedAh + second.dischargedAh,
    observedMs: first.observedMs + second.observedMs,
    lowestVolts: either(first.lowestVolts, second.lowestVolts, Math.min),
    highestVolts: either(first.highestVolts, second.highestVolts, Math.max),
    lowestCell: eitherCell(first.lowestCell, second.lowestCell, Math.min),
    highestCell: eitherCell(first.highestCell, second.highestCell, Math.max),
    lowestPercent: either(first.lowestPercent, second.lowestPercent, Math.min),
    fullCycles: first.fullCycles + second.fullCycles + (isCycle ? 1 : 0),
    firstEnd: first.firstEnd ?? second.firstEnd,
    lastEnd: second.lastEnd ?? first.lastEnd,
    lastFullAt: second.lastFullAt ?? first.lastFullAt,
    remainAtFull: second.remainAtFull ?? first.remainAtFull,
    lowestBeforeFull:
      first.remainAtFull === undefined
        ? either(first.lowestBeforeFull, second.lowestBeforeFull, Math.min)
        : first.lowestBeforeFull,
    deepestDischargeAh: either(
      either(first.deepestDischargeAh, second.deepestDischargeAh, Math.max),
      between,
      Math.max,
    ),
  });
}

/** Within a minute the lower charge counts as the earlier one. */
function endsOf(low: number | undefined, high: number | undefined): Pick<Part, "firstEnd" | "lastEnd"> {
  const ends: ChargeEnd[] = [];
  if (low !== undefined && low < CYCLE_LOW_PERCENT) ends.push("low");
  if (high !== undefined && high > CYCLE_HIGH_PERCENT) ends.push("high");
  return definedOnly<Pick<Part, "firstEnd" | "lastEnd">>({ firstEnd: ends[0], lastEnd: ends.at(-1) });
}

/** For a device without a percentage: the charge left has reached the learned capacity. */
function isFull({ percent, remain, full }: Sample): boolean {
  if (percent !== undefined) return percent >= FULL_PERCENT;
  return remain !== undefined && full !== undefined && full > 0 && remain >= full;
}

/** Depth of a discharge, Ah. */
function difference(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : Math.max(0, from - to);
}

/** `Math.min` or `Math.max`. */
type Choice = (a: number, b: number) => number;

function either(a: number | undefined, b: number | undefined, choose: Choice): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : choose(a, b);
}

/** The first of equals. */
function eitherCell(a: CellExtreme | undefined, b: CellExtreme | undefined, choose: Choice): CellExtreme | undefined {
  if (!a || !b) return a ?? b;
  return choose(a.millivolts, b.millivolts) === a.millivolts ? a : b;
}

function extremeCell(cells: Sample, at: number, choose: Choice): CellExtreme | undefined {
  let extreme: CellExtreme | undefined;
  for (const [index, name] of CELL_NAMES.entries()) {
    const millivolts = cells[name];
    if (millivolts !== undefined) extreme = eitherCell(extreme, { number: index + 1, millivolts, at }, choose);
  }
  return extreme;
}
