import type { Sample } from "../../../common/model/reading.ts";
import type { Chemistry, Finding, Limits, Observation, Rule } from "../rule.ts";
import { measured, stateOf } from "../rule.ts";
import {
  type Cell,
  cellsOf,
  cellText,
  celsiusText,
  highestCell,
  lowestCell,
  temperaturesOf,
  voltsText,
} from "../words.ts";

const HOUR_MS = 3_600_000;

export const chargeLow: Rule = {
  name: "charge-low",
  about: "the state of charge is low",
  scope: "meter",
  preset: { severity: "warning", delayMs: 300_000, endDelayMs: 300_000, reminderMs: 24 * HOUR_MS },
  limits: { unit: "%", least: 0, most: 100, wrong: "below", preset: () => ({ start: 20, end: 25 }) },
  observe: measured(({ sample: { percent } }, { settings }) => {
    if (percent === undefined) return [];
    const state = stateOf(percent, settings);
    const value = `${Number(percent.toFixed(1))} %`;
    return [
      {
        subject: "",
        state,
        text: () =>
          state === "right" ? `charge is at ${value} again` : `charge at ${value}${limitText(settings, "%")}`,
      },
    ];
  }),
};

/**
 * V. Where the chemistry is not known, the limits that neither LFP nor NMC may pass: limits of LFP would be wrong for NMC
 * at every full charge.
 */
const CELL_LOW: Readonly<Record<Chemistry, Limits>> = {
  unknown: { start: 2.5, end: 2.7 },
  lfp: { start: 2.8, end: 3.0 },
  nmc: { start: 3.0, end: 3.2 },
  lto: { start: 1.8, end: 2.0 },
};
const CELL_HIGH: Readonly<Record<Chemistry, Limits>> = {
  unknown: { start: 4.25, end: 4.15 },
  lfp: { start: 3.65, end: 3.5 },
  nmc: { start: 4.23, end: 4.15 },
  lto: { start: 2.85, end: 2.7 },
};

export const cellLow = cellRule("low", "below", CELL_LOW, (sample) => [lowestCell(sample), sample.uvp]);
export const cellHigh = cellRule("high", "above", CELL_HIGH, (sample) => [highestCell(sample), sample.ovp]);

/** A rule about one extreme of the cells. `look` returns that cell, and 1 while the protection that reports it has acted. */
function cellRule(
  extreme: "low" | "high",
  wrong: "below" | "above",
  limits: Readonly<Record<Chemistry, Limits>>,
  look: (sample: Sample) => readonly [cell: Cell | undefined, acted: number | undefined],
): Rule {
  return {
    name: `cell-${extreme}`,
    about: `the voltage of a cell is too ${extreme}; chemistry decides the limits`,
    scope: "meter",
    preset: { severity: "alarm", delayMs: 30_000, endDelayMs: 120_000, reminderMs: 6 * HOUR_MS },
    limits: { unit: "V", least: 0.5, most: 5, wrong, preset: (chemistry) => limits[chemistry] },
    observe: measured(({ sample }, observation) => cellFindings(...look(sample), observation)),
  };
}

/**
 * The end of an alert names the cell with which it began. `acted`: 1 while the protection has acted that reports the same
 * cell.
 */
function cellFindings(
  extreme: Cell | undefined,
  acted: number | undefined,
  { meter, settings, cellOf }: Observation,
): readonly Finding[] {
  if (!extreme) return [];
  const byLimits = stateOf(extreme.millivolts / 1000, settings);
  const state = acted === 1 && byLimits === "wrong" ? "between" : byLimits;
  const { limits } = settings;
  const limit = limits ? `, limit ${voltsText(limits.start * 1000)}` : "";
  const began = cellsOf(meter?.sample ?? {}).find(({ number }) => number === cellOf("")) ?? extreme;
  return [
    {
      subject: "",
      state,
      cell: extreme.number,
      text: () =>
        state === "right" ? `${cellText(began).replace(" at ", " is at ")} again` : `${cellText(extreme)}${limit}`,
    },
  ];
}

export const cellSpread: Rule = {
  name: "cell-spread",
  about: "the cells are far apart",
  scope: "meter",
  preset: { severity: "warning", delayMs: 600_000, endDelayMs: 600_000, reminderMs: 24 * HOUR_MS },
  limits: { unit: "mV", least: 1, most: 3_000, wrong: "above", preset: () => ({ start: 200, end: 100 }) },
  observe: measured(({ sample }, { settings }) => {
    const [low, high] = [lowestCell(sample), highestCell(sample)];
    if (!low || !high || low.number === high.number) return [];
    const spread = high.millivolts - low.millivolts;
    const state = stateOf(spread, settings);
    const apart =
      state === "right"
        ? `cells are ${spread} mV apart again`
        : `cells are ${spread} mV apart${limitText(settings, "mV")}`;
    return [{ subject: "", state, text: () => `${apart}: ${cellText(low)}, ${cellText(high)}` }];
  }),
};

/** Charging current beyond noise, A. */
export const CHARGING_AMPS = 0.5;

export const coldCharging: Rule = {
  name: "cold-charging",
  about: "the battery is charged although it is freezing, which destroys lithium cells",
  scope: "meter",
  preset: { severity: "alarm", delayMs: 60_000, endDelayMs: 300_000, reminderMs: HOUR_MS },
  limits: { unit: "°C", least: -40, most: 40, wrong: "below", preset: () => ({ start: 0, end: 2 }) },
  observe: measured(({ sample }, { settings }) => {
    const temperatures = temperaturesOf(sample);
    if (temperatures.length === 0 || sample.amps === undefined) return [];
    const { amps } = sample;
    const coldest = Math.min(...temperatures);
    const isCharging = amps >= CHARGING_AMPS;
    const byTemperature = stateOf(coldest, settings);
    const state = isCharging ? byTemperature : "right";
    const present = `charging with ${amps.toFixed(1)} A at ${celsiusText(coldest)}`;
    const end = isCharging ? `${celsiusText(coldest)} again` : `no longer charged, ${celsiusText(coldest)}`;
    return [{ subject: "", state, text: () => (state === "right" ? end : `${present}${limitText(settings, "°C")}`) }];
  }),
};

function limitText({ limits }: Observation["settings"], unit: string): string {
  return limits ? `, limit ${limits.start} ${unit}` : "";
}
