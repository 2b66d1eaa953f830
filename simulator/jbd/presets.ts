import { decodePack, type Pack } from "../../agent/drivers/jbd/basic-information.ts";
import { decodeCells } from "../../agent/drivers/jbd/registers.ts";

/** State of a simulated JBD pack when it is created. */
export interface JbdPreset {
  readonly pack: Pack;
  /** Millivolts. */
  readonly cells: readonly number[];
  /** Content of register 0x05; a pack without a model refuses the register. */
  readonly model?: string;
}

/** Payloads of captured answers. Each source is a recording of a real pack in a public repository, or the vendor's document. */
const CAPTURED = {
  /** syssi/esphome-jbd-bms, JBD-SP04S034-L4S-200A-B-U: 4 cells at rest. */
  fourInfo: "055a00006d5e6d6000002c7c00000000000080640304030b6e0b6e0b6a",
  fourCells: "0d660d610d680d59",
  /** fl4p/batmon-ha: 8 cells, -6.04 A. Its cell voltages were not recorded. */
  eightInfo: "0a50fda4b717dac000002cf300000000000016540308020b7d0b77",
  /** patman15/BMS_BLE-HA issue 795: 16 cells, -8.32 A, four temperatures, without the vendor-specific tail. */
  sixteenInfo: "148bfcc020ce2ee000aa000000000000000000450b10040b7f0b800b7f0b7c",
  /** patman15/aiobmsble: 16 cells of the same vendor. */
  sixteenCells: "0ccb0cca0cca0ccb0cca0cca0cca0ccb0ccc0ccc0ccb0cca0ccb0ccb0ccc0cca",
  /** Vendor protocol V4: 17 cells, -20.12 A. */
  seventeenInfo: "19dff8240da50fa00002249100000000000012570311040b980ba90b960b97",
  seventeenCells: "0ec80ec80ecb0ecf0eca0ec70eca0ecd0ec90eca0ecb0ecb0ec80ecc0ec80ec90ec9",
  /** patman15/aiobmsble: 4 cells of 628 Ah, in tenths of an ampere-hour as the first byte of the tail indicates. */
  tenfoldInfo: "0530ffc6126f18880025307700000000000062480304030b720b600b6188000019a9126f0000",
} as const;

const captured = (name: keyof typeof CAPTURED) => Buffer.from(CAPTURED[name], "hex");

/** By number of cells, in the order in which devices are created. 20 and 32 cells are derived: none were captured. */
export const JBD_PRESETS: ReadonlyMap<number, JbdPreset> = new Map([
  [
    4,
    {
      pack: decodePack(captured("fourInfo")),
      cells: decodeCells(captured("fourCells")),
      model: "JBD-SP04S034-L4S-200A-B-U",
    },
  ],
  [8, { pack: decodePack(captured("eightInfo")), cells: [3301, 3299, 3300, 3302, 3298, 3300, 3301, 3299] }],
  [16, { ...sixteen(), model: "JBD-SP16S020" }],
  [20, twenty()],
  [32, thirtyTwo()],
]);

/** A 16-cell pack as a newer board reports it: with a date, a version, and a tail without flags. */
function sixteen(): JbdPreset {
  const pack = decodePack(captured("sixteenInfo"));
  const { remain = 0, capacity = 0 } = pack.flow ?? {};
  return {
    pack: {
      ...pack,
      head: { ...pack.head, year: 2023, month: 5, day: 17, major: 2, minor: 5, fet: 3 },
      tail: { flags: 0, alarm: 0, full: capacity, remain, balanceAmps: 0 },
    },
    cells: decodeCells(captured("sixteenCells")),
  };
}

function twenty(): JbdPreset {
  const pack = decodePack(captured("seventeenInfo"));
  const cells = decodeCells(captured("seventeenCells"));
  return withCells(pack, [...cells, ...cells.slice(0, 3)]);
}

function thirtyTwo(): JbdPreset {
  const cells = decodeCells(captured("sixteenCells"));
  return withCells(decodePack(captured("tenfoldInfo")), [...cells, ...cells.map((millivolts) => millivolts + 2)]);
}

function withCells(pack: Pack, cells: readonly number[]): JbdPreset {
  const volts = cells.reduce((sum, millivolts) => sum + millivolts, 0) / 1000;
  return { pack: { ...pack, head: { ...pack.head, volts, cells: cells.length } }, cells };
}
