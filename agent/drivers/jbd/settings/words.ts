import { isWithin, usualForPack } from "./chemistry.ts";
import {
  type Chemistry,
  type Danger,
  GROUPS,
  type Group,
  type Parameter,
  type Range,
  type Structure,
  type Value,
  type Values,
} from "./parameter.ts";
import { SETTINGS } from "./table/table.ts";

/** The worst that a wrong value does, for a person. */
export const DANGERS: Readonly<Record<Danger, string>> = {
  harmless: "harmless",
  "wrong-readings": "falsifies percent and capacity",
  damage: "can damage battery or board",
  lock: "can lock the board",
  "cuts-power": "cuts the power",
  unknown: "effect unknown",
  "read-only": "read only",
};

/** A value with its unit: `3.650 V`. */
export function valueText(parameter: Parameter, value: Value): string {
  const { field, unit, decimals } = parameter;
  if (typeof value === "number") return withUnit(shownNumber(parameter, value).toFixed(decimals), unit);
  if (typeof value === "string") return value === "" ? "(empty)" : value;
  if (isStructure(value)) return structureText(value);
  if (field.kind !== "bits") return value.join(", ");
  return value.map((bit) => field.names[bit] ?? `bit ${bit}`).join(", ") || "none";
}

/** The value of a part of 0x38 or 0x39, with the current that its voltage is across the shunt, mΩ. */
export function frontEndText(value: Structure, shunt: Value | undefined): string {
  const { threshold_mV: millivolts } = value;
  const amps =
    typeof millivolts === "number" && typeof shunt === "number" && shunt > 0
      ? ` (${Math.round(millivolts / shunt)} A at ${shunt} mΩ)`
      : "";
  return structureText(value, amps);
}

function structureText(value: Structure, amps = ""): string {
  if (value.raw !== undefined) return `${value.raw} (coding of this chip unknown)`;
  if (value.cell_uv_s !== undefined) return `under-voltage ${value.cell_uv_s} s, over-voltage ${value.cell_ov_s} s`;
  const delay = value.delay_us === undefined ? `${value.delay_ms} ms` : `${value.delay_us} µs`;
  const condition = value.chip === "if TI" ? ", if the chip is one by TI" : "";
  return `${value.threshold_mV} mV across the shunt${amps} for ${delay}${condition}`;
}

function isStructure(value: Value): value is Structure {
  return typeof value === "object" && !Array.isArray(value);
}

const withUnit = (text: string, unit: string) => (unit === "" ? text : `${text} ${unit}`);

/** One setting as it is shown. */
export interface ShownSetting {
  readonly parameter: Parameter;
  readonly value: Value;
  readonly text: string;
  /** The usual values, where the value is outside of them. */
  readonly usual?: string;
}

export interface ShownGroup {
  readonly group: Group;
  readonly settings: readonly ShownSetting[];
}

/** All settings of a pack that are known, grouped as a person thinks. */
export function shownGroups(
  values: Values,
  { chemistry, cells }: { readonly chemistry: Chemistry | undefined; readonly cells: number | undefined },
): readonly ShownGroup[] {
  const shown = SETTINGS.flatMap((parameter): ShownSetting[] => {
    const value = values[parameter.key];
    if (value === undefined) return [];
    const text = isStructure(value) ? frontEndText(value, values.shunt) : valueText(parameter, value);
    const usual = unusual(parameter, value, usualForPack(parameter, chemistry, cells) ?? parameter.limits);
    return [{ parameter, value, text, ...(usual && { usual }) }];
  });
  return GROUPS.map((group) => ({
    group,
    settings: shown.filter(({ parameter }) => parameter.group === group),
  })).filter(({ settings }) => settings.length > 0);
}

function unusual(parameter: Parameter, value: Value, usual: Range | undefined): string | undefined {
  if (!usual || typeof value !== "number" || isWithin(value, usual)) return undefined;
  return rangeText(parameter, usual);
}

/** `3.500 to 3.800 V`. */
export function rangeText(parameter: Parameter, range: Range): string {
  const { decimals, unit } = parameter;
  const [min, max] = range.map((bound) => shownNumber(parameter, bound)).sort((a, b) => a - b);
  return withUnit(`${min?.toFixed(decimals)} to ${max?.toFixed(decimals)}`, unit);
}

/** The number that a person sees, and the inverse: a discharging limit is negative for the board alone. */
export function shownNumber({ key }: Parameter, value: number): number {
  return key === DISCHARGE && value !== 0 ? -value : value;
}

const DISCHARGE = "discharge_oc";
