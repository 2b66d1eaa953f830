import type { Parameter } from "../parameter.ts";

const COUNT = { kind: "number", raw: "u16be", at: 0 } as const;
const COMMAND = { group: "commands", unit: "", decimals: 0, field: COUNT, danger: "damage", write: "never" } as const;

const range = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

/** Registers that are no settings: counters, calibration, and commands. They are decoded, and none of them is ever applied. */
export const COMMANDS: readonly Parameter[] = [
  {
    ...COMMAND,
    key: "counters",
    register: 0xaa,
    label: "number of times each protection acted",
    field: { kind: "counters" },
    danger: "read-only",
  },
  { ...COMMAND, key: "cal_current_zero", register: 0xad, label: "calibration of zero current" },
  ...(["charge", "discharge"] as const).map((direction, i) => ({
    ...COMMAND,
    key: `cal_current_${direction}`,
    register: 0xae + i,
    label: `calibration of the ${direction} current`,
    unit: "A",
    decimals: 2,
    field: { ...COUNT, per: 100 },
  })),
  ...range(0xb0, 32).map((register, i) => ({
    ...COMMAND,
    key: "cal_cell",
    register,
    label: `calibration of cell ${i + 1}`,
    unit: "V",
    decimals: 3,
    field: { ...COUNT, per: 1000 },
  })),
  ...range(0xd0, 8).map((register, i) => ({
    ...COMMAND,
    key: "cal_sensor",
    register,
    label: `calibration of temperature sensor ${i + 1}`,
    unit: "°C",
    decimals: 1,
    field: { ...COUNT, per: 10, zero: 2731 },
  })),
  {
    ...COMMAND,
    key: "remaining",
    register: 0xe0,
    label: "remaining charge",
    unit: "Ah",
    decimals: 2,
    field: { ...COUNT, per: 100 },
    tenfold: true,
    danger: "wrong-readings",
  },
  {
    ...COMMAND,
    key: "mosfets",
    register: 0xe1,
    label: "MOSFETs off by software",
    field: { kind: "bits", names: ["charge", "discharge"], writable: [0, 1] },
    danger: "cuts-power",
  },
  { ...COMMAND, key: "balance_test", register: 0xe2, label: "balancing by hand" },
  { ...COMMAND, key: "reset", register: 0xe3, label: "restart of the controller", danger: "cuts-power" },
];
