import { encodePack, type Pack } from "../../agent/drivers/jbd/basic-information.ts";
import { encodeCells, encodeModel } from "../../agent/drivers/jbd/registers.ts";
import { type Board, describeBoard } from "../../agent/drivers/jbd/settings/board.ts";
import { decodeSettings, type Settings } from "../../agent/drivers/jbd/settings/settings.ts";

type Registers = ReadonlyMap<number, Uint8Array>;

export const word = (count: number) => Uint8Array.of((count >> 8) & 0xff, count & 0xff);
export const textData = (text: string) => Uint8Array.of(text.length, ...encodeModel(text));

const words = (runs: readonly (readonly [first: number, counts: readonly number[]])[]) =>
  runs.flatMap(([first, counts]) => counts.map((count, i) => [first + i, word(count)] as const));

/** The values that Overkill Solar ships for four LFP cells (June 2021). */
export const LFP_REGISTERS: Registers = new Map([
  ...words([
    [0x10, [10_000, 8000, 3400, 3000, 2, 0x2858, 0, 0]],
    [0x18, [3381, 3281, 2741, 2831, 3481, 3381, 2631, 2731]],
    [0x20, [1460, 1400, 1000, 1200, 3650, 3500, 2500, 3000]],
    [0x28, [13_000, 52_536, 3400, 15, 1, 15, 3, 4]],
    [0x30, [30, 10, 3350, 3300, 3150, 3100, 3900, 2000]],
    [0x38, [0x9e55, 0xb005, 0x0202, 0x0202, 0x0202, 0x0202, 0x0a20, 0x0a20]],
    [0x40, [2200, 0]],
  ]),
  [0xa0, textData("JBD")],
  [0xa1, textData("JBD-SP04S020-L4S-120A-B-U")],
  [0xa2, textData("")],
]);

/** A pack of four cells at rest. */
export const PACK: Pack = {
  head: {
    volts: 13.2,
    cycles: 0,
    year: 2020,
    month: 2,
    day: 24,
    balanceLow: 0,
    balanceHigh: 0,
    protect: 0,
    major: 1,
    minor: 5,
    percent: 50,
    fet: 3,
    cells: 4,
  },
  flow: { amps: 0, remain: 50, capacity: 100 },
  temperatures: [20, 20],
};

/** Answers of such a board outside of its settings, with these differences. */
export function evidence(pack: Pack = PACK, more: Registers = new Map()): Registers {
  return new Map([
    [0x03, encodePack(pack)],
    [0x04, encodeCells(Array.from({ length: pack.head.cells }, () => 3300))],
    [0x05, encodeModel("JBD-SP04S020-L4S-120A-B-U")],
    ...LFP_REGISTERS,
    ...more,
  ]);
}

export const LFP_BOARD: Board = describeBoard({ registers: evidence() });
export const LFP_SETTINGS: Settings = decodeSettings(LFP_REGISTERS, LFP_BOARD.coding);
