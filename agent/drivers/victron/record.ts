import { CELL_NAMES, isQuantity, type Quantity } from "../../../common/model/quantities.ts";
import type { MutableSample, Sample } from "../../../common/model/reading.ts";
import { FrameError } from "../../codec/frame-error.ts";
import { layoutSize, readLayout } from "../../codec/layout.ts";
import { AUX_MODE, LITHIUM_CELLS, type RecordKind, rowsOf } from "./records.ts";

type Fields = Readonly<Record<string, number>>;

/** Bits of the alarm word that have a word. They are alarms that the owner sets, not protections. */
const ALARMS: readonly (readonly [bit: number, quantity: Quantity])[] = [
  [0, "abuv"],
  [1, "abov"],
  [2, "alow"],
];

/** A battery of Victron's systems has 12 to 48 V. A disconnected input may read a little below 0. */
const VOLTS = { min: -1, max: 100 };

/**
 * The quantities of a decrypted record. A field that is not wholly there is absent.
 * @throws {FrameError} malformed for values that no device reports: with one key in 256 a wrong one passes its only check
 */
export function decodeRecord(kind: RecordKind, plain: Uint8Array): Sample {
  const auxMode = kind.hasAux && plain.length >= layoutSize([AUX_MODE]) ? readLayout([AUX_MODE], plain).mode : -1;
  const fields: Fields = readLayout(rowsOf(kind, auxMode ?? -1, plain.length), plain);
  assertPlausible(fields);
  const sample: MutableSample = {};
  for (const [name, value] of Object.entries(fields)) if (isQuantity(name)) sample[name] = value;
  return { ...sample, ...(kind.hasAlarms && alarms(fields)), ...(kind.hasCells && lithium(fields, plain.length)) };
}

function assertPlausible({ volts = 0, percent = 0 }: Fields): void {
  if (volts >= VOLTS.min && volts <= VOLTS.max && percent <= 100) return;
  const remedy = "if this goes on, the key is not this device's: copy it again from VictronConnect";
  throw new FrameError("malformed", `the record decrypts to ${volts} V and ${percent} %: ${remedy}`);
}

function alarms({ alarm }: Fields): Sample {
  if (alarm === undefined) return {};
  return Object.fromEntries(ALARMS.map(([bit, quantity]) => [quantity, (alarm >> bit) & 1]));
}

/** Bits 25 and 26 of a lithium battery's flags allow charging and discharging. */
const CHARGE_ALLOWED_BIT = 25;
const BALANCING = 2;

/** Values that follow from a Smart Lithium's record of `length` bytes beyond its fields. */
function lithium(fields: Fields, length: number): Sample {
  const { balancer, alarm } = fields;
  const cells = CELL_NAMES.filter((name) => fields[name] !== undefined).length;
  return {
    ...(cells > 0 && length >= layoutSize(LITHIUM_CELLS) && { cells }),
    ...(alarm !== undefined && { fet: (alarm >>> CHARGE_ALLOWED_BIT) & 0b11 }),
    ...(balancer !== undefined && balancer > 0 && { balancing: balancer === BALANCING ? 1 : 0 }),
  };
}
