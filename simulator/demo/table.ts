import { formatColumns } from "../../common/cli/text.ts";
import { QUANTITIES } from "../../common/model/quantities.ts";
import type { Row } from "../csv-rows.ts";

/** The newest rows of a battery. */
export interface BatteryView {
  readonly meter: string;
  readonly newest: Row | undefined;
  /** The newest row with a measurement. */
  readonly measured: Row | undefined;
}

/** One line per battery for people. `now`: ms since the Unix epoch. */
export function batteryLines(batteries: readonly BatteryView[], now: number): string {
  return formatColumns(batteries.map((battery) => cellsOf(battery, now)));
}

function cellsOf({ meter, newest, measured }: BatteryView, now: number): readonly string[] {
  if (!newest) return [meter, "connecting"];
  if (!measured) return [meter, "no answer"];
  const { volts = "", amps = "", watts = "", percent = "", cellmin, cellmax, delta, temp, temp1, time } = measured;
  const celsius = temp ?? temp1;
  return [
    meter,
    `${Number(volts).toFixed(2).padStart(6)} V`,
    `${Number(amps).toFixed(1).padStart(6)} A`,
    `${Number(watts).toFixed(0).padStart(5)} W`,
    percent === "" ? "" : `${Number(percent).toFixed(0).padStart(3)} % ${bar(Number(percent))}`,
    cellmin === undefined ? "" : `cells ${cellmin}–${cellmax} mV (Δ ${delta})`,
    celsius === undefined ? "" : `${celsius.padStart(5)} °C`,
    newest.online === "1" ? condition(measured) : "no answer",
    `${Math.max(0, Math.round((now - Number(time)) / 1000))} s ago`,
  ];
}

/** Ten characters. */
function bar(percent: number): string {
  const full = Math.max(0, Math.min(10, Math.round(percent / 10)));
  return `${"▓".repeat(full)}${"░".repeat(10 - full)}`;
}

/** The protections that act, in words. */
function condition(row: Row): string {
  const active = Object.entries(QUANTITIES).flatMap(([name, { about }]) =>
    about.startsWith("1: ") && row[name] === "1" ? [about.slice(3)] : [],
  );
  if (active.length > 0) return active.join(", ");
  return Number(row.alarm ?? 0) === 0 ? "ok" : `alarm ${row.alarm}`;
}
