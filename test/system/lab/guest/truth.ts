import { type Answer, isHealth } from "../../../integration/system.ts";
import { couldBe, storedValues, type Values } from "../../../support/proof/polls.ts";
import type { Finding } from "../../machine/report.ts";
import type { LabAgent } from "./agents.ts";
import type { Environment } from "./environment.ts";
import type { Row } from "./rows.ts";

/** The simulator logs an answer after sending it, when its row may have been taken. Less than the time between polls. */
const LOGGED_WITHIN_MS = 200;

/** Finding: each row with a measurement holds whole answers of the device to that poll, and nothing else. */
export function holdsAnswers({ controller, rows }: Environment, { meter, address }: LabAgent): Finding {
  const taken = rows.answersSince(meter, 0);
  const wrong = wrongRows(
    taken,
    controller.answers().filter(({ device }) => device === address),
  );
  return {
    expected: `${meter}: each row holds the device's answers to that poll, whole`,
    verdict: taken.length > 0 && wrong.length === 0 ? "passed" : "failed",
    seen: `${taken.length} rows, ${wrong.length} wrong${wrong[0] ? `: ${JSON.stringify(wrong[0])}` : ""}`,
  };
}

/**
 * The rows of a device that are not the values of one answer of each register that it gave since the row before. What it did
 * not give again, it may have given earlier.
 */
export function wrongRows(rows: readonly Row[], answers: readonly Answer[]): readonly Row[] {
  const intact = answers
    .filter(({ fault, sample }) => fault === undefined && Object.keys(sample).length > 0)
    .map(({ at, register, sample }) => ({ at, register, values: storedValues(sample) }));
  return rows.filter((row, index) => {
    const from = (rows[index - 1]?.time ?? 0) + LOGGED_WITHIN_MS;
    const until = row.time + LOGGED_WITHIN_MS;
    const fresh = intact.filter(({ at }) => at > from && at <= until);
    const registers = new Map<string, readonly Values[]>();
    for (const { at, register, values } of intact) if (at <= from) registers.set(register, [values]);
    for (const { register } of fresh) {
      registers.set(
        register,
        fresh.filter((answer) => answer.register === register).map(({ values }) => values),
      );
    }
    return fresh.length === 0 || !couldBe({ registers: [...registers.values()] }, ofDevice(row));
  });
}

/** The values of a row without the health of its agent. */
function ofDevice({ values }: Row): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !isHealth(name)));
}
