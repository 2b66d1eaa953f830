import { hexByte } from "../frame.ts";
import type { Board } from "./board.ts";
import { sameBytes } from "./settings.ts";

/** A current above which nothing is written, A. */
const MAX_AMPS = 2;
/** Bit of the protections that reports MOSFETs switched off by software: no protection. */
const SOFTWARE_LOCK = 0x1000;

/** Reasons not to write now, each a sentence with the way out; none where the pack is at rest. */
export function interlocks({ information }: Board): readonly string[] {
  if (!information) return ["the state of the pack is not understood: nothing is written"];
  const { protect } = information.head;
  const amps = information.flow?.amps;
  const reasons: string[] = [];
  if ((protect & ~SOFTWARE_LOCK) !== 0) {
    reasons.push("a protection of the pack is active: wait until it is released, or remove its cause");
  }
  if (amps === undefined) reasons.push("the pack does not report its current: nothing is written");
  else if (Math.abs(amps) > MAX_AMPS) {
    reasons.push(
      `a current of ${Math.abs(amps).toFixed(1)} A flows: stop charging and discharging, ${MAX_AMPS} A are the limit`,
    );
  }
  return reasons;
}

/** The registers that differ between two readings, as sentences. */
export function unstableRegisters(
  first: ReadonlyMap<number, Uint8Array>,
  second: ReadonlyMap<number, Uint8Array>,
): readonly string[] {
  return [...first].flatMap(([register, data]) => {
    const again = second.get(register);
    if (again && sameBytes(data, again)) return [];
    return [
      `register ${hexByte(register)} was not the same in two readings: nothing is written; try again nearer to the pack`,
    ];
  });
}
