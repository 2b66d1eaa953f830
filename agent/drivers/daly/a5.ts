import { BALANCE_NAMES, CELL_NAMES, TEMPERATURE_NAMES } from "../../../common/model/quantities.ts";
import type { Sample } from "../../../common/model/reading.ts";
import { type Row, readLayout, TEMPERATURE_RANGE } from "../../codec/layout.ts";
import { flags, numbered } from "../pack-sample.ts";
import type { Request } from "../request-response.ts";
import { commandRequest } from "./a5-frame.ts";
import { alarmSample } from "./alarms.ts";
import { AMPS, fetOf } from "./registers.ts";

/**
 * Commands of Daly's older protocol. Rows are offsets in the eight bytes of data. Source: the vendor's UART paper as others
 * describe it, captures over Bluetooth (batmon-ha) and over a cable.
 */
export const COMMANDS = {
  pack: 0x90,
  extremes: 0x91,
  state: 0x93,
  counts: 0x94,
  cells: 0x95,
  temperatures: 0x96,
  balance: 0x97,
  alarms: 0x98,
} as const;

/** `flow` has no sign that the sources agree on; it is given one by the state. */
export const A5_PACK = [
  { name: "volts", at: 0, raw: "u16be", per: 10 },
  { name: "flow", at: 4, ...AMPS },
  { name: "percent", at: 6, raw: "u16be", per: 10 },
] as const satisfies readonly Row[];

export const A5_EXTREMES = [
  { name: "cellmax", at: 0, raw: "u16be" },
  { name: "maxcell", at: 2, raw: "u8" },
  { name: "cellmin", at: 3, raw: "u16be" },
  { name: "mincell", at: 5, raw: "u8" },
] as const satisfies readonly Row[];

export const A5_STATE = [
  { name: "state", at: 0, raw: "u8" },
  { name: "charge", at: 1, raw: "u8" },
  { name: "discharge", at: 2, raw: "u8" },
  { name: "remain", at: 4, raw: "u32be", per: 1000 },
] as const satisfies readonly Row[];

export const A5_COUNTS = [
  { name: "cells", at: 0, raw: "u8" },
  { name: "sensors", at: 1, raw: "u8" },
  { name: "cycles", at: 5, raw: "u16be" },
] as const satisfies readonly Row[];

/** One frame of three cells, and one of seven temperatures, behind the number of the frame. */
export const CELLS_PER_FRAME = 3;
export const A5_CELLS = Array.from({ length: CELLS_PER_FRAME }, (_, i) => ({
  name: `${i}`,
  at: 1 + 2 * i,
  raw: "u16be" as const,
}));
export const SENSORS_PER_FRAME = 7;
export const A5_TEMPERATURES = Array.from({ length: SENSORS_PER_FRAME }, (_, i) => ({
  name: `${i}`,
  at: 1 + i,
  raw: "u8" as const,
  zero: 40,
  absent: [0, 0xff],
  ...TEMPERATURE_RANGE,
}));

export const A5_BALANCE = [{ name: "balance", at: 0, raw: "u32le" }] as const satisfies readonly Row[];

export const A5_ALARMS = [
  { name: "alarm1", at: 0, raw: "u16le" },
  { name: "alarm2", at: 2, raw: "u16le" },
  { name: "alarm3", at: 4, raw: "u16le" },
  { name: "alarm4", at: 6, raw: "u8" },
  { name: "errorcode", at: 7, raw: "u8" },
] as const satisfies readonly Row[];

const CHARGING = 1;
const DISCHARGING = 2;

/** Positive while charging; undefined for a current whose direction is not known. */
export function ampsOf(flow: number, state: number | undefined): number | undefined {
  if (flow === 0) return 0;
  if (state === CHARGING) return Math.abs(flow);
  return state === DISCHARGING ? -Math.abs(flow) : undefined;
}

function extremesSample(data: Uint8Array): Sample {
  const reported = readLayout(A5_EXTREMES, data);
  return { ...reported, delta: reported.cellmax - reported.cellmin };
}

function stateSample(data: Uint8Array): Sample {
  const { charge, discharge, ...reported } = readLayout(A5_STATE, data);
  return { ...reported, fet: fetOf(charge, discharge) };
}

function alarmsSample(data: Uint8Array): Sample {
  const { alarm1, alarm2, alarm3, alarm4, errorcode } = readLayout(A5_ALARMS, data);
  return { ...alarmSample([alarm1, alarm2, alarm3, alarm4]), errorcode };
}

const NOTHING = new Uint8Array();

/** The requests of one host whose answers are single frames. */
export function singleRequests(host: number) {
  const single = <T>(command: number, read: (data: Uint8Array) => T): Request<T> =>
    commandRequest(host, command, ([data = NOTHING]) => read(data));
  return {
    pack: single(COMMANDS.pack, (data) => readLayout(A5_PACK, data)),
    extremes: single(COMMANDS.extremes, extremesSample),
    state: single(COMMANDS.state, stateSample),
    counts: single(COMMANDS.counts, (data) => readLayout(A5_COUNTS, data)),
    balance: single(COMMANDS.balance, (data) => readLayout(A5_BALANCE, data).balance),
    alarms: single(COMMANDS.alarms, alarmsSample),
  };
}

const framesFor = (values: number, perFrame: number) => Math.ceil(values / perFrame);

/** Bytes after the last cell or sensor in its frame are old. */
export function cellsRequest(host: number, cells: number): Request<readonly number[]> {
  const read = (frames: readonly Uint8Array[]) =>
    frames.flatMap((data) => Object.values(readLayout(A5_CELLS, data))).slice(0, cells);
  return commandRequest(host, COMMANDS.cells, read, framesFor(cells, CELLS_PER_FRAME));
}

export function temperaturesRequest(host: number, sensors: number): Request<Sample> {
  const names = TEMPERATURE_NAMES.slice(0, sensors);
  const read = (frames: readonly Uint8Array[]) =>
    numbered(
      names,
      frames.flatMap((data) => {
        const celsius = readLayout(A5_TEMPERATURES, data);
        return A5_TEMPERATURES.map(({ name }) => celsius[name]);
      }),
    );
  return commandRequest(host, COMMANDS.temperatures, read, framesFor(sensors, SENSORS_PER_FRAME));
}

export const cellsSample = (cells: readonly number[]): Sample => numbered(CELL_NAMES, cells);
export const balanceSample = (balance: number, cells: number): Sample => flags(BALANCE_NAMES.slice(0, cells), balance);
