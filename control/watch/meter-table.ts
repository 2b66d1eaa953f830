import { formatAge, formatColumns } from "../../common/cli/text.ts";
import { TEMPERATURE_NAMES } from "../../common/model/quantities.ts";
import type { Reading, Sample } from "../../common/model/reading.ts";
import { fullName } from "../../common/model/site.ts";
import { cellsOf } from "../../viewer/house/cells.ts";
import { conditionsOf } from "../../viewer/house/conditions.ts";
import type { CellView, MeterView } from "../../viewer/model/views.ts";

/** The part of a measurement that is shown. */
type Measured = Pick<MeterView, "sample" | "conditions" | "cells" | "direction">;

const COLUMNS = ["meter", "state", "volts", "amps", "watts", "charge", "temperature", "cells", "conditions"] as const;

/** A row per meter. Values that are not live are in parentheses, beside the age of the newest row. */
export function meterTable(meters: readonly MeterView[], now: number): string {
  const rows = meters.map((view) => {
    const values = valuesOf(view).map((text) =>
      text === undefined ? "-" : view.state === "live" ? text : `(${text})`,
    );
    return [view.meter, stateOf(view, now), ...values, conditionsText(view)];
  });
  return formatColumns([COLUMNS, ...rows]);
}

/** `live`, `stale, 45 s old`, `offline for 3 min`, `frozen for 20 min`. */
function stateOf({ state, since, frozenSince }: MeterView, now: number): string {
  const ago = (from: number) => formatAge(Math.max(0, (now - from) / 1000));
  if (state === "stale") return `stale, ${ago(since)} old`;
  if (state === "offline") return `offline for ${ago(since)}`;
  return frozenSince === undefined ? "live" : `frozen for ${ago(frozenSince)}`;
}

/** A reading as one line: its time, its meter, and what is known. */
export function readingLine(reading: Reading): string {
  const { takenAt, sample } = reading;
  const cells = cellsOf(sample);
  const measured = { sample, conditions: conditionsOf(sample), ...(cells && { cells }) };
  const values = sample.online === 0 ? ["offline"] : valuesOf(measured).filter((text) => text !== undefined);
  return `${[new Date(takenAt).toISOString(), fullName(reading), ...values, conditionsText(measured)].join("  ").trimEnd()}\n`;
}

const conditionsText = ({ conditions }: Measured) => conditions.map(({ text }) => text).join("; ");

/** Volts, amps, watts, charge, temperature and cells; undefined for what is not known. */
function valuesOf({ sample, cells, direction }: Measured): (string | undefined)[] {
  const { volts, amps, watts, percent } = sample;
  const flow = direction === undefined ? "" : ` ${direction}`;
  return [
    volts === undefined ? undefined : `${volts.toFixed(2)} V`,
    amps === undefined ? undefined : `${signed(amps, 2)} A${flow}`,
    watts === undefined ? undefined : `${signed(watts, 0)} W`,
    percent === undefined ? undefined : `${percent.toFixed(0)} %`,
    temperatureText(sample),
    cells && spreadText(cells),
  ];
}

/** With a plus in front while the battery is charged; never `-0`. */
function signed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  if (Number(text) === 0) return text.replace("-", "");
  return value > 0 ? `+${text}` : text;
}

/** The lowest and the highest, where there are several. */
function temperatureText(sample: Sample): string | undefined {
  const names = ["temp", ...TEMPERATURE_NAMES] as const;
  const known = names.map((name) => sample[name]).filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  const [low, high] = [Math.min(...known).toFixed(1), Math.max(...known).toFixed(1)];
  return low === high ? `${low} °C` : `${low} to ${high} °C`;
}

/** `4 mV`: between the lowest and the highest cell. */
function spreadText(cells: readonly CellView[]): string {
  const millivolts = cells.map((cell) => cell.millivolts);
  return `${Math.max(...millivolts) - Math.min(...millivolts)} mV`;
}
