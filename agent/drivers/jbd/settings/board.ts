import { decodePack, type Pack, softwareVersion } from "../basic-information.ts";
import { decodeCells, decodeModel } from "../registers.ts";
import type { Coding } from "./codec.ts";
import { FAMILIES, type FamilyId } from "./families.ts";
import { understood } from "./settings.ts";

/** Facts about a board that decide what its registers mean and whether they may be written. */
export interface Board {
  readonly family: FamilyId;
  readonly coding: Coding;
  /** The basic information; absent where it was not read or is not understood. */
  readonly information?: Pack;
  readonly software?: string;
  readonly model?: string;
  /** By the basic information. */
  readonly cells?: number;
  /** mV of each connected cell. */
  readonly cellVoltages: readonly number[];
  /** Rated current in the model's name, A. */
  readonly ratedAmps?: number;
  /** True where the basic information and the functions disagree about the unit of currents. */
  readonly hasUnclearUnits: boolean;
}

/** Contents of a board, as they were read. */
export interface BoardEvidence {
  /** Data by register: 0x03, and where they were answered 0x00, 0x04, 0x05, 0x2D and 0xF2. */
  readonly registers: ReadonlyMap<number, Uint8Array>;
  /** True where a setting was read outside of factory mode. */
  readonly isOpen?: boolean;
}

const CHIP = 0x00;
const INFORMATION = 0x03;
const CELLS = 0x04;
const MODEL = 0x05;
const FUNCTIONS = 0x2d;
/** The block of settings of V19 boards, which is read in factory mode. */
const V19_BLOCK = 0xf2;

const HEAD_SIZE = 23;
const SENSORS_AT = HEAD_SIZE - 1;
const TEMPERATURE_SIZE = 2;
const FET_AT = 20;
const TENFOLD = 0x80;
/** Bit 12 of a word, in its first byte. */
const TENFOLD_FUNCTION = 0x10;
/** Sizes of the fields after the temperatures that are understood. */
const TAILS = [0, 9];

export function describeBoard({ registers, isOpen = false }: BoardEvidence): Board {
  const payload = registers.get(INFORMATION);
  const information = payload && understood(() => decodePack(payload));
  const model = understood(() => decodeModel(registers.get(MODEL) ?? new Uint8Array()));
  const cellVoltages = (understood(() => decodeCells(registers.get(CELLS) ?? new Uint8Array())) ?? []).filter(
    (millivolts) => millivolts > 0,
  );
  const functions = registers.get(FUNCTIONS);
  const tenfold = ((functions?.[0] ?? 0) & TENFOLD_FUNCTION) !== 0;
  const [, chip] = registers.get(CHIP) ?? [];
  const ratedAmps = model ? ratedCurrent(model) : undefined;
  return {
    family: familyOf({ payload, information, model: model ?? "", isOpen, registers, cellVoltages }),
    coding: { tenfold, chip },
    ...(information && { information, software: softwareVersion(information), cells: information.head.cells }),
    ...(model && { model }),
    cellVoltages,
    ...(ratedAmps !== undefined && { ratedAmps }),
    hasUnclearUnits: functions !== undefined && payload !== undefined && tenfold !== isTenfold(payload),
  };
}

export function isWritable({ family }: Board): boolean {
  return FAMILIES[family].isWritable;
}

interface FamilyEvidence {
  readonly payload: Uint8Array | undefined;
  readonly information: Pack | undefined;
  readonly model: string;
  readonly isOpen: boolean;
  readonly registers: ReadonlyMap<number, Uint8Array>;
  readonly cellVoltages: readonly number[];
}

function familyOf({ payload, information, model, isOpen, registers, cellVoltages }: FamilyEvidence): FamilyId {
  if (!payload || !information) return "unknown";
  const { major, minor, year, month, day } = information.head;
  if (major + minor === 0) return year === 2000 && month + day === 0 ? "daren" : "unknown";
  if (registers.has(V19_BLOCK)) return "v19";
  if (isOpen || /UP16S/i.test(model) || showsCells(registers, cellVoltages)) return "up16s";
  if (!TAILS.includes(payload.length - tailAt(payload))) return "unknown";
  return major < 2 ? "classic" : "v8";
}

/** Offset of the fields after the temperatures of the basic information. */
function tailAt(payload: Uint8Array): number {
  return HEAD_SIZE + TEMPERATURE_SIZE * (payload[SENSORS_AT] ?? 0);
}

/** The unit by the basic information: bit 7 of the MOSFET byte, or of the first byte of nine trailing ones. */
function isTenfold(payload: Uint8Array): boolean {
  const at = tailAt(payload);
  const flags = payload.length === at + 9 ? (payload[at] ?? 0) : 0;
  return (((payload[FET_AT] ?? 0) | flags) & TENFOLD) !== 0;
}

/** Registers that hold falling voltages for 80, 60, 40 and 20 % on other boards. */
const FIRST_CURVE = 0x32;
const CURVE_SIZE = 4;
/** mV by which a cell may change between two requests. */
const DRIFT = 10;

/** True where those registers are the voltages of the first cells. */
function showsCells(registers: ReadonlyMap<number, Uint8Array>, cellVoltages: readonly number[]): boolean {
  if (cellVoltages.length < CURVE_SIZE) return false;
  return cellVoltages.slice(0, CURVE_SIZE).every((millivolts, i) => {
    const [high, low] = registers.get(FIRST_CURVE + i) ?? [];
    return high !== undefined && low !== undefined && Math.abs(high * 0x100 + low - millivolts) <= DRIFT;
  });
}

/** The number before an A that ends a part of the name: `JBD-SP04S034-L4S-200A-B-U` is 200, `DP04S007L4S150A` is 150. */
function ratedCurrent(model: string): number | undefined {
  const [, amps] = /(?:^|\D)(\d{2,3})A(?![0-9A-Za-z])/.exec(model) ?? [];
  return amps === undefined ? undefined : Number(amps);
}
