import { QUANTITIES, type Quantity } from "../../../common/model/quantities.ts";
import type { Sample } from "../../../common/model/reading.ts";
import { type Finding, measured, type Rule } from "../rule.ts";
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

type Action = "charging" | "discharging";

/** The measured value that a protection is about. */
type Subject = "highest cell" | "lowest cell" | "pack" | "highest temperature" | "lowest temperature";

interface Condition {
  readonly name: Quantity;
  readonly stops: readonly Action[];
  readonly about?: Subject;
}

const BOTH = ["charging", "discharging"] as const;

/** Protections and faults, with the MOSFETs that each switches off (vendor protocols V4, V11). */
const PROTECTIONS: readonly Condition[] = [
  { name: "ovp", stops: ["charging"], about: "highest cell" },
  { name: "uvp", stops: ["discharging"], about: "lowest cell" },
  { name: "bov", stops: ["charging"], about: "pack" },
  { name: "buv", stops: ["discharging"], about: "pack" },
  { name: "cot", stops: ["charging"], about: "highest temperature" },
  { name: "cut", stops: ["charging"], about: "lowest temperature" },
  { name: "dot", stops: ["discharging"], about: "highest temperature" },
  { name: "dut", stops: ["discharging"], about: "lowest temperature" },
  { name: "coc", stops: ["charging"] },
  { name: "duc", stops: ["discharging"] },
  { name: "sc", stops: BOTH },
  { name: "ic", stops: BOTH },
  { name: "cnf", stops: BOTH },
  { name: "cmf", stops: ["charging"] },
  { name: "dmf", stops: ["discharging"] },
];

/** Alarms, which stop nothing. */
const ALARMS: readonly Condition[] = [
  { name: "aovp", stops: [], about: "highest cell" },
  { name: "auvp", stops: [], about: "lowest cell" },
  { name: "abov", stops: [], about: "pack" },
  { name: "abuv", stops: [], about: "pack" },
  { name: "acot", stops: [], about: "highest temperature" },
  { name: "acut", stops: [], about: "lowest temperature" },
  { name: "adot", stops: [], about: "highest temperature" },
  { name: "adut", stops: [], about: "lowest temperature" },
  { name: "acoc", stops: [] },
  { name: "aduc", stops: [] },
  { name: "adelta", stops: [] },
  { name: "alow", stops: [] },
];

/** Bits of `fet`. */
const MOSFET: Readonly<Record<Action, number>> = { charging: 1, discharging: 2 };

const observeConditions = (conditions: readonly Condition[]): Rule["observe"] =>
  measured(({ sample }, { acted, cellOf }) =>
    conditions.flatMap((condition): Finding[] => {
      const { name } = condition;
      // What acted and ended between two ticks is an alert as well.
      const shown = acted?.[name] === 1 ? acted : sample;
      if (shown[name] === undefined) return [];
      if (shown[name] === 1) return [startOf(condition, shown)];
      return [{ subject: name, state: "right", text: () => endText(condition, sample, cellOf(name)) }];
    }),
  );

function startOf({ name, stops, about }: Condition, sample: Sample): Finding {
  const cell = about?.endsWith("cell") ? cellAbout(about, sample) : undefined;
  // The protection of the same cause says all that its alarm says.
  const isCovered = name.startsWith("a") && sample[name.slice(1) as Quantity] === 1;
  return {
    subject: name,
    state: isCovered ? "between" : "wrong",
    ...(cell && { cell: cell.number }),
    text: () =>
      [cell ? cellText(cell) : valueText(about, sample), actionText({ name, stops }, sample, cell)]
        .filter(Boolean)
        .join(", "),
  };
}

function cellAbout(about: Subject, sample: Sample): Cell | undefined {
  return about === "lowest cell" ? lowestCell(sample) : highestCell(sample);
}

/** `58.420 V`, `61.2 °C`; empty where the value is not known or, like a current, gone as soon as the protection has acted. */
function valueText(about: Subject | undefined, sample: Sample): string {
  const temperatures = temperaturesOf(sample);
  if (about === "pack") return sample.volts === undefined ? "" : `pack at ${voltsText(sample.volts * 1000)}`;
  if (temperatures.length === 0) return "";
  if (about === "highest temperature") return celsiusText(Math.max(...temperatures));
  return about === "lowest temperature" ? celsiusText(Math.min(...temperatures)) : "";
}

/** `over-voltage protection stopped charging`. A MOSFET that is still on has not been stopped. */
function actionText({ name, stops }: Condition, { fet }: Sample, cell: Cell | undefined): string {
  const stopped = stops.filter((action) => fet === undefined || (fet & MOSFET[action]) === 0);
  const words = stateText(name, cell !== undefined);
  if (stopped.length > 0) return `${words} stopped ${stopped.join(" and ")}`;
  return stops.length > 0 ? `${words} acted` : words;
}

/** The state in the words of the vocabulary. Beside a named cell, `cell` is not repeated. */
function stateText(name: Quantity, isCellNamed: boolean): string {
  const { state = name } = QUANTITIES[name] as { readonly state?: string };
  return isCellNamed ? state.replace(/^cell /, "") : state;
}

function endText({ name, stops, about }: Condition, sample: Sample, number: number | undefined): string {
  const cell = cellsOf(sample).find((each) => each.number === number);
  const value = valueText(about, sample);
  const now = cell
    ? `cell ${cell.number} is at ${voltsText(cell.millivolts)} again`
    : value && `${value.replace(" at ", " is at ")} again`;
  const { fet } = sample;
  const going = stops.filter((action) => fet === undefined || (fet & MOSFET[action]) !== 0);
  const goesOn = going.length > 0 ? `${going.join(" and ")} ${going.length > 1 ? "go" : "goes"} on` : "";
  if (now && goesOn) return `${now}, ${goesOn}`;
  return [`${stateText(name, cell !== undefined)} has ended`, goesOn || (cell ? now : "")].filter(Boolean).join(", ");
}

export const protection: Rule = {
  name: "protection",
  about: "a protection of the battery acted, or it reports a fault",
  scope: "meter",
  preset: { severity: "alarm", delayMs: 0, endDelayMs: 120_000, reminderMs: 6 * 3_600_000 },
  observe: observeConditions(PROTECTIONS),
};

export const alarm: Rule = {
  name: "alarm",
  about: "the battery reports an alarm, which stops nothing yet",
  scope: "meter",
  preset: { severity: "warning", delayMs: 30_000, endDelayMs: 120_000, reminderMs: 24 * 3_600_000 },
  observe: observeConditions(ALARMS),
};
