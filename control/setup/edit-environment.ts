import { quotedValue } from "./env-file.ts";
import { replaceFile, textOf } from "./replace-file.ts";

/** Variable → its new value; undefined removes it. */
export type VariableChanges = Readonly<Record<string, string | undefined>>;

/** An environment file with other values. Comments and other variables stay as they are. */
export function editEnvironment(text: string, changes: VariableChanges): string {
  const kept = text.split("\n").filter((line) => {
    const [, name] = /^\s*([A-Za-z_]\w*)=/.exec(line) ?? [];
    return name === undefined || !(name in changes);
  });
  while (kept.at(-1) === "") kept.pop();
  const added = Object.entries(changes).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${quotedValue(value)}`,
  );
  return [...kept, ...added, ""].join("\n");
}

/** Changes an environment file, which may be missing. Returns false if it has these values already. */
export function editEnvironmentFile(file: string, changes: VariableChanges): boolean {
  return replaceFile(file, editEnvironment(textOf(file), changes), 0o644);
}
