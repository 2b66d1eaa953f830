import type { Values } from "../../../agent/drivers/jbd/settings/parameter.ts";
import { SETTINGS } from "../../../agent/drivers/jbd/settings/table/table.ts";
import { ProfileError } from "./profile.ts";
import { rawCount, valuesOf } from "./raw-counts.ts";

/**
 * Files of the vendor's program JBDTools, which bms-tools and Overkill Solar's app share: a line for each setting, two blanks
 * before its name. Numbers follow after eight blanks, texts begin in column 26. Bytes are characters: read and write such a
 * file as `latin1`.
 */
export interface FigFile {
  /** In the order of the file, unknown ones included. */
  readonly entries: readonly FigEntry[];
  /** End of each line: CR CR LF by JBDTools, and an empty line after each by others. */
  readonly lineEnd: string;
}

interface FigEntry {
  readonly name: string;
  readonly value: string;
}

const LINE_END = "\r\r\n";
const INDENT = "  ";
const GAP = " ".repeat(8);
const TEXT_COLUMN = 23;
const TEXTS = ["FileCode", "ManufacturerName", "DeviceName", "BarCode"];
const FIRST: FigEntry = { name: "FileCode", value: "3838" };

/** The lines of a new file, in the vendor's order. */
const ORDER: readonly string[] = `
  DesignCapacity CycleCapacity FullChargeVol ChargeEndVol DischargingRate ManufactureDate SerialNumber CycleCount
  ChgOverTemp ChgOTRelease ChgLowTemp ChgUTRelease DisOverTemp DsgOTRelease DisLowTemp DsgUTRelease
  PackOverVoltage PackOVRelease PackUnderVoltage PackUVRelease CellOverVoltage CellOVRelease CellUnderVoltage CellUVRelease
  OverChargeCurrent OverDisCurrent BalanceStartVoltage BalanceWindow SenseResistor BatteryConfig NtcConfig PackNum
  fet_ctrl_time_set led_disp_time_set VoltageCap80 VoltageCap60 VoltageCap40 VoltageCap20
  HardCellOverVoltage HardCellUnderVoltage HardChgOverCurrent HardDsgOverCurrent HardTime SCReleaseTime
  ChgUTDelay ChgOTDelay DsgUTDelay DsgOTDelay PackUVDelay PackOVDelay CellUVDelay CellOVDelay
  ChgOCDelay ChgOCRDelay DsgOCDelay DsgOCRDelay ManufacturerName DeviceName BarCode GPS_VOL GPS_TIME
`
  .trim()
  .split(/\s+/);

const BY_NAME = new Map(SETTINGS.map((parameter) => [parameter.fig, parameter]));

export function isFig(text: string): boolean {
  return /^\s*FileCode\s/.test(text);
}

/** Reads leniently: any white space separates, and lines end as they may. @throws {ProfileError} */
export function parseFig(text: string): FigFile {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  const entries = lines.map((line) => {
    const [, name = "", value = ""] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? [];
    return { name, value };
  });
  if (entries[0]?.name !== FIRST.name) throw new ProfileError("a .fig file begins with FileCode: this is another file");
  return { entries, lineEnd: /[\r\n]+/.exec(text)?.[0] ?? LINE_END };
}

/** The file as the vendor writes it. */
export function figText({ entries, lineEnd }: FigFile): string {
  return entries.map(({ name, value }) => `${INDENT}${name}${gapOf(name, value)}${value}${lineEnd}`).join("");
}

function gapOf(name: string, value: string): string {
  if (!TEXTS.includes(name) && /^\d+$/.test(value)) return GAP;
  return " ".repeat(Math.max(1, TEXT_COLUMN - name.length));
}

/** The values of the settings in a file. @throws {ProfileError} when one is impossible */
export function figValues({ entries }: FigFile, chip?: number): Values {
  const counts = entries.flatMap(({ name, value }) => {
    const parameter = BY_NAME.get(name);
    if (!parameter) return [];
    const isText = parameter.field.kind === "text";
    return [[parameter.key, isText ? value : integer(name, value)] as const];
  });
  return valuesOf(new Map(counts), chip);
}

function integer(name: string, text: string): number {
  if (!/^-?\d+$/.test(text)) throw new ProfileError(`${name} is "${text}" and must be an integer`);
  return Number(text);
}

/**
 * The file of a pack with these registers. From an `earlier` file it keeps the order, the line ends and the names that are
 * not settings; what the pack did not answer is left out of a new file.
 */
export function figOf(registers: ReadonlyMap<number, Uint8Array>, earlier?: FigFile): FigFile {
  const fromPack = (name: string): readonly FigEntry[] => {
    const parameter = BY_NAME.get(name);
    const data = parameter && registers.get(parameter.register);
    return data ? [{ name, value: String(rawCount(parameter, data)) }] : [];
  };
  if (!earlier) return { entries: [FIRST, ...ORDER.flatMap(fromPack)], lineEnd: LINE_END };
  const entries = earlier.entries.map((entry) => fromPack(entry.name)[0] ?? entry);
  return { ...earlier, entries };
}
