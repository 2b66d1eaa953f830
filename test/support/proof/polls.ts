import type { Sample } from "../../../common/model/reading.ts";
import { type Answer, printed } from "../../integration/system.ts";

/** Numbers by column, as a database stores them. */
export type Values = Readonly<Record<string, number>>;

/** One poll of a device and its answers: a pack's 0x03 with the following 0x04, or a monitor's value. */
export interface Poll {
  /** Time when the last answer that its row needs had been sent, ms since the Unix epoch. */
  readonly readyAt: number;
  /** True if every answer that a row needs was sent. */
  readonly isComplete: boolean;
  /** For each register its answers: several where it was requested again. */
  readonly registers: readonly (readonly Values[])[];
}

/** Register that follows the first one of a poll. */
const SECOND = "04";
const FIRST = new Set(["03", "v1", "v2"]);

/** The polls of a device, from the answers in the simulator's log. Spoiled answers do not count. */
export function pollsOf(answers: readonly Answer[], device: string): Poll[] {
  const polls: { readyAt: number; isComplete: boolean; registers: Values[][] }[] = [];
  for (const { at, device: from, register, sample, fault } of answers) {
    if (from !== device || fault !== undefined) continue;
    const values = storedValues(sample);
    const open = polls.at(-1);
    if (FIRST.has(register)) {
      if (open && !open.isComplete) open.registers[0]?.push(values);
      else polls.push({ readyAt: at, isComplete: register !== "03", registers: [[values]] });
    } else if (register === SECOND && open) {
      if (!open.isComplete) open.readyAt = at;
      open.isComplete = true;
      open.registers[1] = [...(open.registers[1] ?? []), values];
    }
  }
  return polls;
}

/** True if these are the values of exactly one answer of each register. */
export function couldBe({ registers }: Pick<Poll, "registers">, values: Values): boolean {
  const columns = new Set(registers.flatMap(([values = {}]) => Object.keys(values)));
  return (
    columns.size === Object.keys(values).length &&
    registers.every((variants) =>
      variants.some((answer) => Object.entries(answer).every(([name, value]) => values[name] === value)),
    )
  );
}

/** A sample as a database stores it, with the decimals of its columns. */
export function storedValues(sample: Sample): Values {
  return Object.fromEntries(Object.entries(printed(sample)).map(([name, text]) => [name, Number(text)]));
}
