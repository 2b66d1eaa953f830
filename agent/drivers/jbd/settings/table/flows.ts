import type { Parameter } from "../parameter.ts";

const HUNDREDTHS = { kind: "number", raw: "s16be", at: 0, per: 100 } as const;
/** Tenths of a kelvin. */
const CELSIUS = { kind: "number", raw: "u16be", at: 0, per: 10, zero: 2731 } as const;
const FIRST_BYTE = { kind: "number", raw: "u8", at: 0 } as const;
const SECOND_BYTE = { kind: "number", raw: "u8", at: 1 } as const;

const CURRENT = {
  group: "current",
  unit: "A",
  decimals: 2,
  field: HUNDREDTHS,
  tenfold: true,
  danger: "damage",
  write: "offer",
} as const;
const TEMPERATURE = {
  group: "temperature",
  unit: "°C",
  decimals: 1,
  field: CELSIUS,
  danger: "damage",
  write: "offer",
} as const;
const DELAY = {
  group: "delays",
  unit: "s",
  decimals: 0,
  limits: [0, 255],
  danger: "damage",
  write: "offer",
} as const;
const SHORT = [1, 10] as const;
const LONG = [10, 120] as const;

const allChemistries = (min: number, max: number) => ({ LFP: [min, max], NMC: [min, max], LTO: [min, max] }) as const;

const WORDS: Readonly<Record<string, string>> = {
  ov: "over-voltage",
  uv: "under-voltage",
  ot: "over-temperature",
  ut: "under-temperature",
  oc: "over-current",
  release: "release time",
};

/** `charge_ut_delay`: charge under-temperature delay. */
function delayLabel(key: string): string {
  return key
    .split("_")
    .map((part) => WORDS[part] ?? part)
    .join(" ");
}

/** Limits of current and temperature, and the delays of all limits. Both bytes of a register of delays are written together. */
export const FLOWS: readonly Parameter[] = [
  {
    key: "charge_oc",
    register: 0x28,
    label: "charge over-current",
    ...CURRENT,
    limits: [1, 3276.7],
    fig: "OverChargeCurrent",
  },
  {
    key: "discharge_oc",
    register: 0x29,
    label: "discharge over-current",
    ...CURRENT,
    limits: [-3276.8, -1],
    fig: "OverDisCurrent",
  },
  {
    key: "charge_ot",
    register: 0x18,
    label: "charge over-temperature",
    ...TEMPERATURE,
    usual: allChemistries(45, 70),
    fig: "ChgOverTemp",
  },
  {
    key: "charge_ot_release",
    register: 0x19,
    label: "charge over-temperature release",
    ...TEMPERATURE,
    usual: allChemistries(35, 65),
    fig: "ChgOTRelease",
  },
  {
    key: "charge_ut",
    register: 0x1a,
    label: "charge under-temperature",
    ...TEMPERATURE,
    usual: { LFP: [0, 10], NMC: [0, 10], LTO: [-30, 10] },
    fig: "ChgLowTemp",
  },
  {
    key: "charge_ut_release",
    register: 0x1b,
    label: "charge under-temperature release",
    ...TEMPERATURE,
    usual: { LFP: [2, 15], NMC: [2, 15], LTO: [-25, 15] },
    fig: "ChgUTRelease",
  },
  {
    key: "discharge_ot",
    register: 0x1c,
    label: "discharge over-temperature",
    ...TEMPERATURE,
    usual: allChemistries(50, 85),
    fig: "DisOverTemp",
  },
  {
    key: "discharge_ot_release",
    register: 0x1d,
    label: "discharge over-temperature release",
    ...TEMPERATURE,
    usual: allChemistries(40, 80),
    fig: "DsgOTRelease",
  },
  {
    key: "discharge_ut",
    register: 0x1e,
    label: "discharge under-temperature",
    ...TEMPERATURE,
    usual: allChemistries(-40, 5),
    fig: "DisLowTemp",
  },
  {
    key: "discharge_ut_release",
    register: 0x1f,
    label: "discharge under-temperature release",
    ...TEMPERATURE,
    usual: allChemistries(-35, 10),
    fig: "DsgUTRelease",
  },
  ...(
    [
      [0x3a, "charge_ut_delay", "ChgUTDelay", "charge_ot_delay", "ChgOTDelay", SHORT],
      [0x3b, "discharge_ut_delay", "DsgUTDelay", "discharge_ot_delay", "DsgOTDelay", SHORT],
      [0x3c, "pack_uv_delay", "PackUVDelay", "pack_ov_delay", "PackOVDelay", SHORT],
      [0x3d, "cell_uv_delay", "CellUVDelay", "cell_ov_delay", "CellOVDelay", SHORT],
      [0x3e, "charge_oc_delay", "ChgOCDelay", "charge_oc_release", "ChgOCRDelay", LONG],
      [0x3f, "discharge_oc_delay", "DsgOCDelay", "discharge_oc_release", "DsgOCRDelay", LONG],
    ] as const
  ).flatMap(([register, first, firstFig, second, secondFig, secondUsual]) => [
    { key: first, register, label: delayLabel(first), ...DELAY, field: FIRST_BYTE, usual: SHORT, fig: firstFig },
    {
      key: second,
      register,
      label: delayLabel(second),
      ...DELAY,
      field: SECOND_BYTE,
      usual: secondUsual,
      fig: secondFig,
    },
  ]),
];
