import { hexByte } from "../../agent/drivers/jbd/frame.ts";
import { type Difference, differenceText } from "../../agent/drivers/jbd/settings/differences.ts";
import type { Plan } from "../../agent/drivers/jbd/settings/plan.ts";
import { parametersOf } from "../../agent/drivers/jbd/settings/table/table.ts";
import { counted } from "../../common/model/count-text.ts";
import { isQuantity, QUANTITIES } from "../../common/model/quantities.ts";
import type { Changed } from "./change-pack.ts";
import { hex } from "./write-registers.ts";

type MadePlan = Extract<Plan, { kind: "planned" }>;

const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}\n`).join("");
const keysOf = (differences: readonly Difference[]) => differences.map(({ parameter }) => parameter.key).join(", ");

/** The differences that a change would make, one line each. */
export function planText(name: string, { differences, left, missing }: MadePlan, isDryRun: boolean): string {
  if (differences.length === 0) return `${name}: nothing to change\n${restText(left, missing)}`;
  const verb = isDryRun ? "would change; nothing is written without --write" : "change";
  return `${name}: ${counted(differences.length, "setting")} ${verb}\n${indented(differences.map(differenceText))}${restText(left, missing)}`;
}

function restText(left: readonly Difference[], missing: readonly string[]): string {
  return indented([
    ...(left.length > 0 ? [`left as they are, because bmsctl never writes them: ${keysOf(left)}`] : []),
    ...(missing.length > 0 ? [`not on this board: ${missing.join(", ")}`] : []),
  ]);
}

export function refusalText(name: string, reasons: readonly string[]): string {
  return `${name}: refused, nothing is written\n${indented(reasons)}`;
}

/** Reasons that will pass. */
export function obstacleText(obstacles: readonly string[]): string {
  return `  now it would be refused:\n${indented(obstacles.map((reason) => `  ${reason}`))}`;
}

/** Storing clears the counters, so they are shown before. */
export function countersText(counters: Readonly<Record<string, number>>): string {
  const acted = Object.entries(counters).filter(([, count]) => count > 0);
  const list = acted.map(([name, count]) => `${(isQuantity(name) && QUANTITIES[name].state) || name} ${count}`);
  const now = list.length > 0 ? `, which are now: ${list.join(", ")}` : ", which are all 0";
  return `Storing a change clears the counters of the protections${now}.`;
}

/** The end of a change. */
export function changedText(name: string, changed: Changed): string {
  const { file } = changed;
  const restore = `sudo bmsctl settings apply ${file} ${name} --write`;
  switch (changed.kind) {
    case "applied":
      return `${name}: changed, stored, and read back in a new session. The state before: ${file}\n  ${restore} restores it\n`;
    case "put-back":
      return `${name}: NOT changed: ${changed.error.message}\n  the old values are in the pack, and were read back\n`;
    case "between":
      return `
*** ${name} IS BETWEEN ITS OLD AND ITS NEW SETTINGS ***
  ${changed.error.message}
  These could not be put back:
${indented(changed.left.map(({ register, old, found }) => `  ${labelOf(register)}: ${hex(old)} before, ${found ? `${hex(found)} now` : "now not known"}`))}  The whole state before is in ${file}
  As soon as the pack can be reached: ${restore}
`;
  }
}

function labelOf(register: number): string {
  const labels = parametersOf(register).map(({ label }) => label);
  return `${labels.join(" and ")} (${hexByte(register)})`;
}
