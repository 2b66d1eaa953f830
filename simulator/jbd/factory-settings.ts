import type { JbdPreset } from "./presets.ts";
import { wordOf } from "./word.ts";

/** Contents of parameter registers: two bytes each, or a length byte and text. */
export type Registers = ReadonlyMap<number, Uint8Array>;

/** Raw counts of consecutive registers, by the first one. */
type Runs = readonly (readonly [first: number, counts: readonly number[]])[];

/** Values that LFP packs of all sizes have in the presets of Overkill Solar (June 2021). */
const LFP: Runs = [
  [0x12, [3400, 3000, 2]],
  [0x18, [3381, 3281, 2741, 2831, 3481, 3381, 2631, 2731]],
  [0x24, [3650, 3500, 2500, 3000]],
  [0x2a, [3400, 15, 1, 0x000f]],
  [0x30, [0, 10]],
  [0x32, [3350, 3300, 3150, 3100, 3900, 2000, 0x9e55, 0xb005]],
  [0x3a, [0x0202, 0x0202, 0x0202, 0x0202, 0x0a20, 0x0a20]],
  [0x40, [2200, 0]],
  [0x42, [3375, 3325, 3225, 3125, 3050, 3400]],
];

/** Values of a recorded 15-cell board. */
const NMC: Runs = [
  [0x12, [4150, 3000, 2]],
  [0x18, [3381, 3281, 2581, 2631, 3481, 3381, 2581, 2631]],
  [0x24, [4250, 4150, 2700, 3000]],
  [0x28, [...currents(4000)]],
  [0x2a, [4000, 30, 2, 0x000e]],
  [0x30, [0, 30]],
  [0x32, [4000, 3800, 3600, 3300, 4400, 2500, 0x9f5f, 0x6005]],
  [0x3a, [0x0202, 0x0202, 0x0202, 0x0101, 0x0520, 0x0520]],
  [0x40, [0, 0]],
  [0x42, [4080, 3900, 3700, 3450, 3150, 4150]],
];

/** Settings that differ by the number of cells; those of 20 and 32 cells are derived from the others. */
const BY_CELLS: ReadonlyMap<number, Runs> = new Map<number, Runs>([
  [4, [...LFP, [0x20, [1460, 1400, 1000, 1200]], [0x28, currents(13_000)], [0x30, [30]]]],
  [8, [...LFP, [0x20, [2900, 2800, 2000, 2400]], [0x28, currents(11_000)], [0x38, [0x9d54]]]],
  [
    16,
    [
      ...LFP,
      [0x12, [3500]],
      [0x18, [3431, 3331, 2741, 2781, 3581, 3481, 2631, 2731]],
      [0x20, [5840, 5600, 4000, 4800]],
      [0x28, currents(11_000)],
      [0x32, [3329, 3322, 3291, 3266]],
      [0x38, [0x9d54]],
      [0x42, [3340, 3325, 3300, 3280, 3200, 3500]],
    ],
  ],
  [20, [...NMC, [0x20, [8400, 8300, 5600, 6000]]]],
  // Its currents are in tenths of an ampere.
  [32, [...LFP, [0x20, [11_680, 11_200, 8000, 9600]], [0x28, currents(3000)], [0x2d, [0x100f]]]],
]);

const MANUFACTURER = "SIMULATED";
const TENFOLD = 0x80;

/** The parameter registers of a new pack: 0x10 to 0x47 and 0xA0 to 0xA2. */
export function factorySettings({ pack, model = "" }: JbdPreset): Registers {
  const { head, flow, tail, temperatures } = pack;
  const perAmpereHour = ((head.fet | (tail?.flags ?? 0)) & TENFOLD) !== 0 ? 10 : 100;
  const capacity = Math.round((flow?.capacity ?? 0) * perAmpereHour);
  const date = ((head.year - 2000) << 9) | (head.month << 5) | head.day;
  const runs: Runs = [
    ...(BY_CELLS.get(head.cells) ?? LFP),
    [0x10, [capacity, Math.round(0.8 * capacity)]],
    [0x15, [date, 0, head.cycles]],
    [0x2e, [(1 << temperatures.length) - 1, head.cells]],
  ];
  return new Map([
    ...runs.flatMap(([first, counts]) => counts.map((count, i) => [first + i, wordOf(count)] as const)),
    ...[MANUFACTURER, model, ""].map((text, i) => [0xa0 + i, lengthAndText(text)] as const),
  ]);
}

/** Limits while charging and discharging; the latter is negative. */
function currents(counts: number): readonly [number, number] {
  return [counts, 0x1_0000 - counts];
}

function lengthAndText(text: string): Uint8Array {
  return Uint8Array.of(text.length, ...Buffer.from(text, "latin1"));
}
