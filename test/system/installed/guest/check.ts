import { uptime } from "node:os";
import { encodeMessage, type Finding, type Message } from "../../machine/report.ts";

/** Resolves with figures, if there are any. Throws where the expectation does not hold. */
export type Expectation = () => Promise<string | undefined> | Promise<void>;

/** Reports whether an expectation holds, with its figures. */
export async function check(expected: string, expectation: Expectation): Promise<boolean> {
  const startedAt = performance.now();
  const finding = (verdict: Finding["verdict"], figures: string) => {
    const took = `${Math.round((performance.now() - startedAt) / 1000)} s of ${Math.round(uptime())}`;
    report({ kind: "finding", finding: { expected, verdict, seen: figures === "" ? took : `${figures} (${took})` } });
    return verdict === "passed";
  };
  try {
    return finding("passed", (await expectation()) ?? "");
  } catch (error) {
    const { message, cause } = error as Error;
    return finding("failed", cause ? `${message}: ${(cause as Error).message}` : message);
  }
}

/** As `check`, where everything afterwards depends on it. @throws {Error} where it does not hold */
export async function demand(expected: string, expectation: Expectation): Promise<void> {
  if (!(await check(expected, expectation))) throw new Error(`nothing can be shown without this: ${expected}`);
}

/** Sends a message to the host: stdout is the second serial port. */
export function report(message: Message): void {
  process.stdout.write(encodeMessage(message));
}

/** @throws {Error} with what was seen */
export function expect(holds: boolean, seen: string): void {
  if (!holds) throw new Error(seen);
}
