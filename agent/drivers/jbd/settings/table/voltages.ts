import type { Parameter } from "../parameter.ts";

const THOUSANDTHS = { kind: "number", raw: "u16be", at: 0, per: 1000 } as const;
const HUNDREDTHS = { kind: "number", raw: "u16be", at: 0, per: 100 } as const;
const COUNT = { kind: "number", raw: "u16be", at: 0 } as const;

const CELL = { group: "cell", unit: "V", decimals: 3, field: THOUSANDTHS, danger: "damage" } as const;
const PACK = { group: "pack", unit: "V", decimals: 2, field: HUNDREDTHS, danger: "damage", write: "offer" } as const;
const CURVE = {
  group: "capacity",
  unit: "V",
  decimals: 3,
  field: THOUSANDTHS,
  danger: "wrong-readings",
  write: "expert",
} as const;

/** Limits of cells and pack, balancing, and the voltages that stand for a state of charge. */
export const VOLTAGES: readonly Parameter[] = [
  {
    key: "cell_ov",
    register: 0x24,
    label: "cell over-voltage",
    ...CELL,
    write: "offer",
    usual: { LFP: [3.5, 3.8], NMC: [4.1, 4.28], LTO: [2.6, 2.9] },
    fig: "CellOverVoltage",
  },
  {
    key: "cell_ov_release",
    register: 0x25,
    label: "cell over-voltage release",
    ...CELL,
    write: "offer",
    usual: { LFP: [3.35, 3.6], NMC: [4, 4.2], LTO: [2.5, 2.8] },
    fig: "CellOVRelease",
  },
  {
    key: "cell_uv",
    register: 0x26,
    label: "cell under-voltage",
    ...CELL,
    write: "offer",
    usual: { LFP: [2.2, 3], NMC: [2.5, 3.3], LTO: [1.5, 2.1] },
    fig: "CellUnderVoltage",
  },
  {
    key: "cell_uv_release",
    register: 0x27,
    label: "cell under-voltage release",
    ...CELL,
    write: "offer",
    usual: { LFP: [2.5, 3.2], NMC: [2.8, 3.5], LTO: [1.7, 2.3] },
    fig: "CellUVRelease",
  },
  {
    key: "hard_cell_ov",
    register: 0x36,
    label: "second cell over-voltage",
    ...CELL,
    write: "expert",
    usual: { LFP: [3.7, 4], NMC: [4.2, 4.45], LTO: [2.8, 3] },
    fig: "HardCellOverVoltage",
  },
  {
    key: "hard_cell_uv",
    register: 0x37,
    label: "second cell under-voltage",
    ...CELL,
    write: "expert",
    usual: { LFP: [1.8, 2.5], NMC: [2.2, 2.8], LTO: [1.2, 1.8] },
    fig: "HardCellUnderVoltage",
  },
  { key: "pack_ov", register: 0x20, label: "pack over-voltage", ...PACK, fig: "PackOverVoltage" },
  { key: "pack_ov_release", register: 0x21, label: "pack over-voltage release", ...PACK, fig: "PackOVRelease" },
  { key: "pack_uv", register: 0x22, label: "pack under-voltage", ...PACK, fig: "PackUnderVoltage" },
  { key: "pack_uv_release", register: 0x23, label: "pack under-voltage release", ...PACK, fig: "PackUVRelease" },
  {
    key: "balance_start",
    register: 0x2a,
    label: "balancing start",
    group: "balancing",
    unit: "V",
    decimals: 3,
    field: THOUSANDTHS,
    danger: "harmless",
    write: "offer",
    usual: { LFP: [3.3, 3.5], NMC: [3.9, 4.15], LTO: [2.4, 2.6] },
    fig: "BalanceStartVoltage",
  },
  {
    key: "balance_window",
    register: 0x2b,
    label: "balancing difference",
    group: "balancing",
    unit: "mV",
    decimals: 0,
    field: COUNT,
    danger: "harmless",
    write: "offer",
    limits: [2, 500],
    fig: "BalanceWindow",
  },
  {
    ...CURVE,
    key: "cell_full",
    register: 0x12,
    label: "cell voltage at full",
    write: "offer",
    usual: { LFP: [3.35, 3.65], NMC: [4.05, 4.25], LTO: [2.5, 2.8] },
    fig: "FullChargeVol",
  },
  {
    ...CURVE,
    key: "cell_empty",
    register: 0x13,
    label: "cell voltage at empty",
    write: "offer",
    usual: { LFP: [2.5, 3.1], NMC: [2.8, 3.3], LTO: [1.8, 2.2] },
    fig: "ChargeEndVol",
  },
  ...(
    [
      [80, 0x32],
      [60, 0x33],
      [40, 0x34],
      [20, 0x35],
      [90, 0x42],
      [70, 0x43],
      [50, 0x44],
      [30, 0x45],
      [10, 0x46],
      [100, 0x47],
    ] as const
  ).map(([percent, register]) => ({
    ...CURVE,
    key: `curve_${percent}`,
    register,
    label: `cell voltage at ${percent} %`,
    fig: `VoltageCap${percent}`,
  })),
];
