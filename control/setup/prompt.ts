import { createInterface } from "node:readline/promises";
import { UsageError } from "../../common/runtime/usage-error.ts";

/** Somebody who can be asked. */
export interface Questions {
  /**
   * The answer without blanks around it, or `preset` where it is empty; asked again until `complaint` has none.
   * @throws {UsageError} where nobody will answer any more
   */
  ask(question: string, preset: string, complaint: (answer: string) => string | undefined): Promise<string>;
  tell(text: string): void;
  close(): void;
}

/** The person at the terminal; undefined where there is none. Questions go to stderr: stdout is for data. */
export function terminalQuestions(): Questions | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C and Ctrl-D both end the lines; the question itself would stay open for ever.
  const over = new Promise<never>((_, reject) => {
    lines.once("SIGINT", () => lines.close());
    lines.once("close", () => reject(new UsageError("nothing was set up: no answer")));
  });
  over.catch(() => {});
  const tell = (text: string) => void process.stderr.write(text);
  return {
    tell,
    async ask(question, preset, complaint) {
      for (;;) {
        const asked = lines.question(`${question}${preset && ` [${preset}]`}: `);
        const answer = (await Promise.race([asked, over])).trim() || preset;
        const wrong = complaint(answer);
        if (wrong === undefined) return answer;
        tell(`${wrong}\n`);
      }
    },
    close: () => lines.close(),
  };
}
