import { BALANCE_NAMES, CELL_NAMES, MAX_CELLS, TEMPERATURE_NAMES } from "../../../common/model/quantities.ts";
import type { Sample } from "../../../common/model/reading.ts";
import { FrameError } from "../../codec/frame-error.ts";
import { type Row, readLayout, TEMPERATURE_RANGE, type Values } from "../../codec/layout.ts";
import { registerRequest } from "../modbus-request.ts";
import { cellExtremes, flags, numbered, power } from "../pack-sample.ts";
import type { Request } from "../request-response.ts";
import { alarmSample } from "./alarms.ts";
import { AMPS, at, CELSIUS, exactLength, fetOf, textAt } from "./registers.ts";

/**
 * Daly's protocol of H, K, M and S boards: Modbus, with unit D2 in requests and answers. Rows are offsets in the data, two
 * bytes for a register. Source: the vendor's register tables in syssi/esphome-daly-bms, and captures.
 */
export const D2 = 0xd2;

export const D2_CELLS = CELL_NAMES.map((name, i) => ({ name, at: at(i), raw: "u16be" as const }));
export const D2_TEMPERATURES = TEMPERATURE_NAMES.map((name, i) => ({ name, at: at(0x20 + i), ...CELSIUS }));

/** The first 62 registers. */
export const D2_STATUS = [
  { name: "volts", at: at(0x28), raw: "u16be", per: 10 },
  { name: "amps", at: at(0x29), ...AMPS },
  { name: "percent", at: at(0x2a), raw: "u16be", per: 10 },
  { name: "cellmax", at: at(0x2b), raw: "u16be" },
  { name: "cellmin", at: at(0x2c), raw: "u16be" },
  { name: "state", at: at(0x2f), raw: "u16be" },
  { name: "remain", at: at(0x30), raw: "u16be", per: 10 },
  { name: "cells", at: at(0x31), raw: "u16be" },
  { name: "sensors", at: at(0x32), raw: "u16be" },
  { name: "cycles", at: at(0x33), raw: "u16be" },
  { name: "balancing", at: at(0x34), raw: "u16be", max: 1 },
  { name: "charge", at: at(0x35), raw: "u16be" },
  { name: "discharge", at: at(0x36), raw: "u16be" },
  { name: "delta", at: at(0x38), raw: "u16be" },
  { name: "alarm1", at: at(0x3a), raw: "u16be" },
  { name: "alarm2", at: at(0x3b), raw: "u16be" },
  { name: "alarm3", at: at(0x3c), raw: "u16be" },
  { name: "alarm4", at: at(0x3d), raw: "u16be" },
] as const satisfies readonly Row[];

/** Registers 3E and up of newer boards. A board without them may answer with zeros, which mean -30 A and -40 °C. */
export const D2_EXTRA = [
  { name: "balanceLow", at: at(0), raw: "u16be" },
  { name: "balanceHigh", at: at(1), raw: "u16be" },
  { name: "balanceamps", at: at(2), raw: "u16be", zero: 30_000, per: 1000, absent: [0] },
  { name: "mostemp", at: at(4), raw: "u16be", zero: 40, absent: [0, 0xffff], ...TEMPERATURE_RANGE },
  { name: "boardtemp", at: at(5), raw: "u16be", zero: 40, absent: [0, 0xffff], ...TEMPERATURE_RANGE },
] as const satisfies readonly Row[];
export const EXTRA_AT = 0x3e;

/** Registers 80 and up. */
export const D2_SETTINGS = [{ name: "capacity", at: 0, raw: "u16be", per: 10 }] as const satisfies readonly Row[];

/** Registers CC and CD. */
export const D2_PRODUCED = [
  { name: "year", at: 0, raw: "u8", zero: -2000 },
  { name: "month", at: 1, raw: "u8" },
  { name: "day", at: 2, raw: "u8" },
] as const satisfies readonly Row[];

export interface D2Pack {
  readonly status: Values<typeof D2_STATUS>;
  /** mV. */
  readonly cells: readonly number[];
  /** °C. */
  readonly temperatures: readonly (number | undefined)[];
  readonly extra?: Values<typeof D2_EXTRA>;
}

/** @throws {FrameError} `malformed` for an impossible number of cells */
function decodePack(data: Uint8Array): D2Pack {
  const status = readLayout(D2_STATUS, data);
  if (status.cells < 1 || status.cells > MAX_CELLS) {
    throw new FrameError("malformed", `a battery of ${status.cells} cells is impossible`);
  }
  const cells = readLayout(D2_CELLS, data);
  const temperatures = readLayout(D2_TEMPERATURES, data);
  return {
    status,
    cells: CELL_NAMES.slice(0, status.cells).map((name) => cells[name]),
    temperatures: TEMPERATURE_NAMES.slice(0, status.sensors).map((name) => temperatures[name]),
    ...(data.length > at(EXTRA_AT) && { extra: readLayout(D2_EXTRA, data, at(EXTRA_AT)) }),
  };
}

/** The quantities of a pack. The summary registers lag behind the cells and are published as reported. */
function packSample({ status, cells, temperatures, extra }: D2Pack): Sample {
  const { sensors: _, charge, discharge, alarm1, alarm2, alarm3, alarm4, ...reported } = status;
  const balance = extra && extra.balanceLow + extra.balanceHigh * 2 ** 16;
  return {
    ...cellExtremes(cells),
    ...reported,
    watts: power(reported.volts, reported.amps),
    ...numbered(CELL_NAMES, cells),
    ...(balance !== undefined && flags(BALANCE_NAMES.slice(0, reported.cells), balance)),
    ...numbered(TEMPERATURE_NAMES, temperatures),
    ...(extra && extraSample(extra)),
    fet: fetOf(charge, discharge),
    ...alarmSample([alarm1, alarm2, alarm3, alarm4]),
  };
}

const extraSample = ({ balanceLow: _, balanceHigh: __, ...reported }: Values<typeof D2_EXTRA>): Sample => reported;

/** Some boards keep 16 bytes for either text, others 32. */
function decodeVersions(data: Uint8Array): { readonly software: string; readonly hardware: string } {
  const size = data[16] === 0 ? 32 : 16;
  return { software: textAt(data, 0, size), hardware: textAt(data, size, size) };
}

/** `YYYY-MM-DD`; undefined where it is no date. */
function decodeProduced(data: Uint8Array): string | undefined {
  const { year, month, day } = readLayout(D2_PRODUCED, data);
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  return [year, month, day].map((part) => String(part).padStart(2, "0")).join("-");
}

const range = <T>(start: number, count: number, read: (data: Uint8Array) => T): Request<T> =>
  exactLength(registerRequest({ unit: D2, start, count }, read), count);

/** Requests of a newer board, and of one that answers no more than 62 registers at a time. */
export const READ_80 = range(0x00, 80, (data) => packSample(decodePack(data)));
export const READ_62 = range(0x00, 62, (data) => packSample(decodePack(data)));
export const READ_EXTRA = range(EXTRA_AT, 9, (data) => extraSample(readLayout(D2_EXTRA, data)));
export const READ_SETTINGS = range(0x80, 41, (data): Sample => readLayout(D2_SETTINGS, data));
export const READ_VERSIONS = range(0xa9, 32, decodeVersions);
export const READ_PRODUCED = range(0xcc, 2, decodeProduced);
