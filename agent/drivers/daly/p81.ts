import { BALANCE_NAMES, CELL_NAMES, TEMPERATURE_NAMES } from "../../../common/model/quantities.ts";
import type { Sample } from "../../../common/model/reading.ts";
import { FrameError } from "../../codec/frame-error.ts";
import { type Row, readLayout, type Values } from "../../codec/layout.ts";
import { registerRequest } from "../modbus-request.ts";
import { cellExtremes, flags, numbered, power } from "../pack-sample.ts";
import type { Request } from "../request-response.ts";
import { AMPS, at, CELSIUS, exactLength, fetOf, textAt } from "./registers.ts";

/**
 * Daly's protocol of boards since 2026: Modbus, with unit 81 in requests and 51 in answers. Rows are offsets in the data of
 * one of two answers. Source: captures of two packs in syssi/esphome-daly-bms and patman15/BMS_BLE-HA.
 */
export const P81 = 0x81;
export const P81_ANSWER = 0x51;

const MOST_CELLS = 48;

/** Registers 0 to 3F. Of the 48 cells, those beyond 32 have no name. */
export const P81_CELLS = Array.from({ length: MOST_CELLS }, (_, i) => ({
  name: `cell${i + 1}`,
  at: at(i),
  raw: "u16be" as const,
}));
export const P81_TEMPERATURES = TEMPERATURE_NAMES.map((name, i) => ({ name, at: at(0x30 + i), ...CELSIUS }));
export const P81_PACK = [
  { name: "volts", at: at(0x38), raw: "u16be", per: 10 },
  { name: "amps", at: at(0x39), ...AMPS },
  { name: "percent", at: at(0x3a), raw: "u16be", per: 10 },
  { name: "cells", at: at(0x3c), raw: "u16be" },
  { name: "sensors", at: at(0x3d), raw: "u16be" },
  { name: "cellmax", at: at(0x3e), raw: "u16be" },
  { name: "maxcell", at: at(0x3f), raw: "u16be" },
] as const satisfies readonly Row[];

export const STATE_AT = 0x41;
const stateAt = (register: number) => at(register - STATE_AT);

/** Registers 41 to 7E. */
export const P81_STATE = [
  { name: "state", at: stateAt(0x48), raw: "u16be" },
  { name: "remain", at: stateAt(0x4b), raw: "u16be", per: 10 },
  { name: "cycles", at: stateAt(0x4c), raw: "u16be" },
  { name: "balancing", at: stateAt(0x4d), raw: "u16be", max: 2 },
  { name: "balanceamps", at: stateAt(0x4e), raw: "u16be", zero: 30_000, per: 1000, absent: [0] },
  { name: "balanceLow", at: stateAt(0x4f), raw: "u16be" },
  { name: "balanceHigh", at: stateAt(0x50), raw: "u16be" },
  { name: "charge", at: stateAt(0x52), raw: "u16be" },
  { name: "discharge", at: stateAt(0x53), raw: "u16be" },
  { name: "heating", at: stateAt(0x55), raw: "u16be", max: 1 },
  { name: "mostemp", at: stateAt(0x5a), ...CELSIUS },
  { name: "boardtemp", at: stateAt(0x5b), ...CELSIUS },
  { name: "alarm", at: stateAt(0x6d), raw: "u32be" },
] as const satisfies readonly Row[];

/** @throws {FrameError} `malformed` for an impossible number of cells */
function cellsSample(data: Uint8Array): Sample {
  const { sensors, ...reported } = readLayout(P81_PACK, data);
  if (reported.cells < 1 || reported.cells > MOST_CELLS) {
    throw new FrameError("malformed", `a battery of ${reported.cells} cells is impossible`);
  }
  const cells = Object.values(readLayout(P81_CELLS, data)).slice(0, reported.cells);
  const temperatures = readLayout(P81_TEMPERATURES, data);
  const { cellmin = 0, mincell = 0 } = cellExtremes(cells);
  return {
    ...reported,
    watts: power(reported.volts, reported.amps),
    ...numbered(CELL_NAMES, cells),
    ...{ cellmin, mincell, delta: reported.cellmax - cellmin },
    ...numbered(
      TEMPERATURE_NAMES,
      TEMPERATURE_NAMES.slice(0, sensors).map((name) => temperatures[name]),
    ),
  };
}

/** `cells`: their number, where it is known. */
export function stateSample(state: Values<typeof P81_STATE>, cells = 0): Sample {
  const { balancing, balanceLow, balanceHigh, charge, discharge, ...reported } = state;
  return {
    ...reported,
    ...(balancing !== undefined && { balancing: Math.min(balancing, 1) }),
    ...flags(BALANCE_NAMES.slice(0, cells), balanceLow + balanceHigh * 2 ** 16),
    fet: fetOf(charge, discharge),
  };
}

/** Three texts of 14 bytes, of which the second is not understood. */
function decodeVersions(data: Uint8Array): { readonly software: string; readonly hardware: string } {
  return { software: textAt(data, 0, 14), hardware: textAt(data, 28, 14) };
}

const range = <T>(start: number, count: number, read: (data: Uint8Array) => T): Request<T> =>
  exactLength(registerRequest({ unit: P81, answerUnit: P81_ANSWER, start, count }, read), count);

export const READ_CELLS = range(0x00, 64, cellsSample);
export const READ_STATE = range(STATE_AT, 62, (data) => readLayout(P81_STATE, data));
export const READ_VERSIONS = range(0x178, 74, decodeVersions);
