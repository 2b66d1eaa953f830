import type { JbdPreset } from "./presets.ts";

/** Kinds of boards that speak this protocol or one like it, and their answers about parameters. */
export interface Family {
  readonly about: string;
  /** The preset as such a board reports it in register 0x03. */
  adapt(preset: JbdPreset): JbdPreset;
  /** Registers that are not in its memory: reading them is refused, writing them is acknowledged without effect. */
  readonly missing: readonly number[];
  /** Registers whose writes it acknowledges without effect. */
  readonly ignored: readonly number[];
  /** Registers that it lets everybody read without factory mode. */
  readonly open: readonly number[];
  /** First register of the live cell voltages, where it shows them in place of parameters. */
  readonly liveCellsFrom?: number;
  /** True where 0x0F and the blocks 0xF2 and 0xF3 are read. */
  readonly hasBlocks: boolean;
}

const through = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
const plain = { missing: [], ignored: [], open: [], hasBlocks: false } as const;

export const FAMILIES = {
  classic: {
    ...plain,
    about: "software below 2.0, without registers 42 to 47",
    adapt: (preset) => withVersion(preset, 1, 6),
    missing: through(0x42, 0x47),
  },
  v11: {
    ...plain,
    about: "software 2.0 and newer",
    adapt: (preset) => withVersion(preset, 2, 1),
  },
  v19: {
    ...plain,
    about: "the protocol of 2022-05-09: other meanings of 0A to 0F, parameters in the blocks f2 and f3",
    adapt: (preset) => withVersion(preset, 2, 9),
    hasBlocks: true,
  },
  up16s: {
    ...plain,
    about: "reads 10 to 31 without factory mode, shows cell voltages from 32 on, ignores writes of 12",
    adapt: (preset) => withVersion(preset, 2, 0),
    ignored: [0x12],
    open: through(0x10, 0x31),
    liveCellsFrom: 0x32,
  },
  daren: {
    ...plain,
    about: "without version, date and model; four sensors and more fields in 03",
    adapt: asDaren,
    missing: through(0x30, 0x47),
  },
} as const satisfies Record<string, Family>;
export type FamilyName = keyof typeof FAMILIES;

/** The family of a pack whose family is not given. */
export function familyOf({ pack }: JbdPreset): FamilyName {
  return pack.head.major < 2 ? "classic" : "v11";
}

/** Keeps a version that is on the same side of 2.0. */
function withVersion(preset: JbdPreset, major: number, minor: number): JbdPreset {
  const { head } = preset.pack;
  if (head.major < 2 === major < 2) return preset;
  return { ...preset, pack: { ...preset.pack, head: { ...head, major, minor } } };
}

function asDaren({ pack, cells }: JbdPreset): JbdPreset {
  const { tail: _, ...rest } = pack;
  const [first = 25] = pack.temperatures;
  return {
    cells,
    pack: {
      ...rest,
      head: { ...pack.head, year: 2000, month: 0, day: 0, major: 0, minor: 0 },
      temperatures: Array.from({ length: 4 }, (_, i) => pack.temperatures[i] ?? first),
      daren: { mosfet: first, ambient: first, health: 100, zero: 0, zeros: 0 },
    },
  };
}
