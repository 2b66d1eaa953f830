import type { Quantity } from "../../../common/model/quantities.ts";
import type { Sample } from "../../../common/model/reading.ts";
import { flags } from "../pack-sample.ts";

/**
 * Bits of the four alarm words from the lowest (vendor's register tables; tests of syssi/esphome-daly-bms): a warning, then
 * its protection. Null where no quantity means the same.
 */
export const ALARM_WORDS = [
  [
    ...["aovp", "ovp", "auvp", "uvp", "abov", "bov", "abuv", "buv"],
    ...["acot", "cot", "acut", "cut", "adot", "dot", "adut", "dut"],
  ],
  ["acoc", "coc", "aduc", "duc", null, null, "alow", null, "adelta"],
  [null, null, null, null, "cmf", "dmf", "cmf", "dmf", "ic"],
  [null, null, "sc"],
] as readonly (readonly (Quantity | null)[])[];

export type AlarmWords = readonly [number, number, number, number];

/** The words as reported, two in a number, and their bits. */
export function alarmSample(words: AlarmWords): Sample {
  const [first, second, third, fourth] = words;
  return {
    protect: first * 2 ** 16 + second,
    alarm: third * 2 ** 16 + fourth,
    ...Object.assign({}, ...words.map((word, i) => flags(ALARM_WORDS[i] ?? [], word))),
  };
}
