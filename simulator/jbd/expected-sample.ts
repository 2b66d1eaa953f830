import { BALANCE_NAMES, TEMPERATURE_NAMES } from "../../common/model/quantities.ts";
import type { MutableSample, Sample } from "../../common/model/reading.ts";
import { type JbdState, PROTECTIONS } from "./state.ts";

/** The values that a correct reader decodes from an answer, computed from the battery's state without the driver's code. */

/** The bits of the alarm word from the lowest (vendor protocol V11). */
const ALARMS = [
  "aovp",
  "auvp",
  "abov",
  "abuv",
  "acot",
  "acut",
  "adot",
  "adut",
  "acoc",
  "aduc",
  "adelta",
  "alow",
] as const;

/** Values in the answer about register 0x03. */
export function infoSample({ pack, amps, remain, capacity }: JbdState): Sample {
  const { head, tail, temperatures } = pack;
  const sample: MutableSample = {
    volts: head.volts,
    amps,
    watts: (Math.round(head.volts * 100) * Math.round(amps * 100)) / 10_000,
    ...(head.percent !== undefined && { percent: head.percent }),
    remain,
    capacity,
    cycles: head.cycles,
    cells: head.cells,
    protect: head.protect,
    fet: head.fet,
  };
  if (tail) Object.assign(sample, { full: tail.full, alarm: tail.alarm });
  const balance = BigInt(head.balanceHigh * 0x1_0000 + head.balanceLow);
  for (const [i, name] of BALANCE_NAMES.slice(0, head.cells).entries())
    sample[name] = Number((balance >> BigInt(i)) & 1n);
  for (const [i, name] of TEMPERATURE_NAMES.entries()) {
    const celsius = temperatures[i];
    if (celsius !== undefined) sample[name] = celsius;
  }
  for (const [bit, { name }] of PROTECTIONS.entries()) sample[name] = Math.floor(head.protect / 2 ** bit) % 2;
  if (tail) for (const [bit, name] of ALARMS.entries()) sample[name] = Math.floor(tail.alarm / 2 ** bit) % 2;
  return sample;
}
