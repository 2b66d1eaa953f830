import type { Registers } from "./read-pack.ts";
import type { Journal } from "./store.ts";
import { isEqual } from "./write-registers.ts";

/**
 * A paragraph about a change that was interrupted, if the pack is still as that left it. A change that turns out not
 * to have begun is closed. Once the board was asked to store, its registers do not tell what it will hold after a loss of
 * power.
 */
export function unfinishedText(name: string, journal: Journal, registers: Registers): string | undefined {
  const open = journal.read();
  if (!open) return undefined;
  const { changes, isCommitted, file, at } = open;
  const count = (side: "before" | "after") =>
    changes.filter((change) => isEqual(registers.get(change.register) ?? new Uint8Array(), change[side])).length;
  const [old, young] = [count("before"), count("after")];
  if (old === changes.length && !isCommitted) {
    journal.end();
    return undefined;
  }
  const unknown = isCommitted ? ", and it is not known which of them are stored" : "";
  return `a change of ${new Date(at).toISOString()} was interrupted: of ${changes.length} registers ${old} have their old data, ${young} the new ones${unknown}. The state before it is in ${file}; sudo bmsctl settings apply ${file} ${name} --write restores it`;
}
