import type { Sample } from "../../../common/model/reading.ts";
import { type Answer, printed } from "../../integration/system.ts";

/** Numbers by column, as a database holds them. */
export type Values = Readonly<Record<string, number>>;

/** One question to a device and what it said: a pack's 0x03 with the 0x04 that follows, or a monitor's value. */
export interface Poll {
  /** When the last answer that its row needs had been handed out, ms since the Unix epoch. */
  readonly readyAt: number;
  /** Whether all was said that makes a row. */
  readonly isWhole: boolean;
  /** For each register what was said, once for each time that it was asked. */
  readonly registers: readonly (readonly Values[])[];
}

/** Registers that follow upon the first one of their poll. */
const SECOND = "04";
const FIRST = new Set(["03", "v1", "v2"]);

/** The polls of a device, from the answers that the simulator logged. What nobody can have got whole is none. */
export function pollsOf(answers: readonly Answer[], device: string): Poll[] {
  const polls: { readyAt: number; isWhole: boolean; registers: Values[][] }[] = [];
  for (const { at, device: from, register, sample, fault } of answers) {
    if (from !== device || fault !== undefined) continue;
    const values = storedValues(sample);
    const open = polls.at(-1);
    if (FIRST.has(register)) {
      if (open && !open.isWhole) open.registers[0]?.push(values);
      else polls.push({ readyAt: at, isWhole: register !== "03", registers: [[values]] });
    } else if (register === SECOND && open) {
      if (!open.isWhole) open.readyAt = at;
      open.isWhole = true;
      open.registers[1] = [...(open.registers[1] ?? []), values];
    }
  }
  return polls;
}

/** Whether these are the values of exactly one answer of each register. */
export function couldSay({ registers }: Poll, values: Values): boolean {
  const columns = registers.flatMap(([values = {}]) => Object.keys(values));
  return (
    columns.length === Object.keys(values).length &&
    registers.every((variants) =>
      variants.some((said) => Object.entries(said).every(([name, value]) => values[name] === value)),
    )
  );
}

/** What a sample is in a database, in the decimals of its columns. */
export function storedValues(sample: Sample): Values {
  return Object.fromEntries(Object.entries(printed(sample)).map(([name, text]) => [name, Number(text)]));
}
