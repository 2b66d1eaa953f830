import { unknownVariables } from "../../common/cli/variables.ts";
import { type Finding, wrong } from "./finding.ts";

/** Finds variables of an environment file that no program knows: misspelt ones, as a rule. */
export function checkVariables(about: string, file: string, names: Iterable<string>): Finding[] {
  const env = Object.fromEntries([...names].map((name) => [name, ""]));
  return unknownVariables(env).map((message) => wrong(about, `in ${file}, ${message}`));
}
