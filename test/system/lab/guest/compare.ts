import { QUANTITIES, type Quantity } from "../../../../common/model/quantities.ts";
import type { BatteryAnswer } from "./controller-client.ts";
import type { Row } from "./ledger.ts";

export interface Comparison {
  /** Rows that hold, value by value, what the battery said in that poll. */
  readonly equal: number;
  /** Answers beside those in the rows: the agent had asked twice, as the first answer came late. */
  readonly repeated: number;
  /** One sentence for each row that holds something else, or lacks what was handed out. */
  readonly differences: readonly string[];
}

/** An answer is noted when it has been handed out, by which time its reader may have it. Less than from poll to poll. */
const NOTED_WITHIN_MS = 200;

/**
 * Compares the rows of one device with what its battery handed out. An answer belongs to the first row that was taken
 * after it, or as it was noted; of each register that answered there, the row must hold one answer whole. Values count as
 * equal when they are in the decimals of their column. What was handed out after the last row is nobody's.
 */
export function compareReadings(rows: readonly Row[], answers: readonly BatteryAnswer[]): Comparison {
  const differences: string[] = [];
  let [equal, repeated, from] = [0, 0, 0];
  for (const row of rows) {
    const until = row.time + NOTED_WITHIN_MS;
    const polled = answers.filter(({ at }) => at > from && at <= until);
    from = until;
    const registers = new Set(polled.map(({ register }) => register));
    repeated += polled.length - registers.size;
    const unmatched = [...registers].filter(
      (register) => !polled.some((answer) => answer.register === register && isHeldBy(row, answer)),
    );
    if (polled.length === 0) differences.push(`a row at ${row.time} without an answer`);
    else if (unmatched.length > 0) differences.push(`the row at ${row.time} is not what ${unmatched.join(", ")} said`);
    else equal += 1;
  }
  return { equal, repeated, differences };
}

function isHeldBy({ values }: Row, { sample }: BatteryAnswer): boolean {
  return Object.entries(sample).every(([name, value]) => values[name] === inColumn(name, value));
}

function inColumn(name: string, value: number): number {
  const decimals = Object.hasOwn(QUANTITIES, name) ? QUANTITIES[name as Quantity].decimals : 0;
  return Number(value.toFixed(decimals));
}
