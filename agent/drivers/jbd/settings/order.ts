import { type Coding, decodeRegister } from "./codec.ts";
import { holds, orderRules } from "./order-rules.ts";
import type { Values } from "./parameter.ts";
import type { RegisterChange } from "./settings.ts";

/**
 * The changes in an order in which no write breaks a rule between settings that holds before all of them and after all of
 * them.
 *
 * There always is one: of two values that move up, the upper one goes first, of two that move down, the lower one, and where
 * they move in different directions any order is good. So the first write that breaks nothing is taken again and again.
 */
export function ordered(
  changes: readonly RegisterChange[],
  before: Values,
  { coding, cells }: { readonly coding: Coding; readonly cells: number },
): readonly RegisterChange[] {
  const applied = (values: Values, { register, after }: RegisterChange): Values => ({
    ...values,
    ...decodeRegister(register, after, coding),
  });
  const end = changes.reduce(applied, before);
  const rules = orderRules(end).filter((rule) => holds(rule, before, cells) && holds(rule, end, cells));
  const sequence: RegisterChange[] = [];
  const waiting = [...changes];
  let values = before;
  while (waiting.length > 0) {
    const next = waiting.findIndex((change) => rules.every((rule) => holds(rule, applied(values, change), cells)));
    const [change] = waiting.splice(next, 1);
    if (next < 0 || !change) throw new RangeError("no order of these writes keeps all rules between settings");
    values = applied(values, change);
    sequence.push(change);
  }
  return sequence;
}
