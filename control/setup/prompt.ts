import { createInterface } from "node:readline/promises";
import { printableLines } from "../../common/model/printable.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";

/** Questions to a person. */
export interface Prompt {
  /**
   * Returns the trimmed answer, or `preset` if it is empty. Asks again as long as `validate` returns a complaint.
   * @throws {UsageError} if the terminal is closed
   */
  ask(question: string, preset: string, validate: (answer: string) => string | undefined): Promise<string>;
  print(text: string): void;
  close(): void;
}

/** Prompts on the terminal; undefined if there is none. Questions go to stderr: stdout is for data. */
export function terminalPrompt(unanswered = "nothing was set up: no answer"): Prompt | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C and Ctrl-D both close the interface; the pending question would never settle.
  const closed = new Promise<never>((_, reject) => {
    lines.once("SIGINT", () => lines.close());
    lines.once("close", () => reject(new UsageError(unanswered)));
  });
  closed.catch(() => {});
  const print = (text: string) => void process.stderr.write(printableLines(text));
  return {
    print,
    async ask(question, preset, validate) {
      for (;;) {
        const typed = lines.question(`${question}${preset && ` [${preset}]`}: `);
        const answer = (await Promise.race([typed, closed])).trim() || preset;
        const complaint = validate(answer);
        if (complaint === undefined) return answer;
        print(`${complaint}\n`);
      }
    },
    close: () => lines.close(),
  };
}
