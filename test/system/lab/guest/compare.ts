import { QUANTITIES, type Quantity } from "../../../../common/model/quantities.ts";
import type { BatteryAnswer } from "./controller-client.ts";
import type { Row } from "./rows.ts";

export interface Comparison {
  /** Rows whose values are those of the battery's answers to that poll. */
  readonly equal: number;
  /** Answers beside those in the rows: the agent had asked again, as the first answer was late. */
  readonly repeated: number;
  /** One sentence for each row with another value, or without a value that the battery sent. */
  readonly differences: readonly string[];
}

/** The simulator logs an answer after sending it, when its reader may have it. Less than the time between polls. */
const LOGGED_WITHIN_MS = 200;

/**
 * Compares the rows of one device with the answers of its battery. An answer belongs to the first row that was taken after
 * it, or while it was being logged. Of each register that answered there, the row must hold one whole answer. Values are
 * compared in the decimals of their column. Answers after the last row are ignored.
 */
export function compareReadings(rows: readonly Row[], answers: readonly BatteryAnswer[]): Comparison {
  const differences: string[] = [];
  let [equal, repeated, from] = [0, 0, 0];
  for (const row of rows) {
    const until = row.time + LOGGED_WITHIN_MS;
    const polled = answers.filter(({ at }) => at > from && at <= until);
    from = until;
    const registers = new Set(polled.map(({ register }) => register));
    repeated += polled.length - registers.size;
    const unmatched = [...registers].filter(
      (register) => !polled.some((answer) => answer.register === register && isHeldBy(row, answer)),
    );
    if (polled.length === 0) differences.push(`a row at ${row.time} without an answer`);
    else if (unmatched.length > 0)
      differences.push(`the row at ${row.time} differs from the answers of ${unmatched.join(", ")}`);
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
