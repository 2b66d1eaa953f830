import { UsageError } from "../../common/runtime/usage-error.ts";
import { type Prompt, terminalPrompt } from "../setup/prompt.ts";

/** Asks a person to type the pack's name. @throws {UsageError} if there is nobody to ask, or another word is typed */
export async function confirmByName(
  question: string,
  name: string,
  prompt: Prompt | undefined = terminalPrompt("nothing was changed: no answer"),
): Promise<void> {
  if (!prompt) throw new UsageError("nothing was changed: there is no terminal to confirm on; a script gives --yes");
  try {
    prompt.print(`${question}\n`);
    const answer = await prompt.ask(`type ${name} to confirm`, "", () => undefined);
    if (answer !== name) throw new UsageError(`nothing was changed: "${answer}" is not ${name}`);
  } finally {
    prompt.close();
  }
}
