import {
  CHEMISTRIES,
  type Danger,
  GROUPS,
  type Group,
  type Parameter,
  type Range,
  type WriteClass,
} from "../../agent/drivers/jbd/settings/parameter.ts";
import { SETTINGS } from "../../agent/drivers/jbd/settings/table/table.ts";
import { DANGERS, shownNumber } from "../../agent/drivers/jbd/settings/words.ts";

const INTRODUCTION = `# Settings of JBD packs

Written by \`npm run generate\` from \`agent/drivers/jbd/settings/table/\`.

All settings that bmsctl reads, with the key of each. Facts, rules and sources: [JBD](devices/jbd.md#settings).

- **usual**: values that are usual for lithium iron phosphate, lithium with nickel, manganese and cobalt, and lithium titanate
  (LFP, NMC, LTO), or for all. A pack's limits are those of its cells times their number. Where
  nothing is usual for all, the values that have a meaning.
- **a wrong value**: the worst that it does.
- **written**: by everybody, with \`--expert\` only, or never by this program.
- \`.fig\`: name in the files of the vendor's program.
`;

const HEADINGS: Readonly<Record<Group, string>> = {
  cell: "Cell voltages",
  pack: "Pack voltages",
  current: "Currents",
  temperature: "Temperatures",
  delays: "Delays",
  balancing: "Balancing",
  capacity: "Capacity and state of charge",
  board: "The board",
  commands: "Commands",
};

const WRITTEN: Readonly<Record<WriteClass, string>> = { offer: "yes", expert: "`--expert`", never: "never" };

/** docs/jbd-settings.md: one table per group. */
export function settingsDocument(): string {
  const groups = GROUPS.flatMap((group) => {
    const rows = SETTINGS.filter((parameter) => parameter.group === group).map(row);
    return rows.length === 0 ? [] : [`\n## ${HEADINGS[group]}\n\n${[...HEAD, ...rows, ""].join("\n")}`];
  });
  return INTRODUCTION + groups.join("");
}

const HEAD = [
  "| key | register | meaning | unit | usual | a wrong value | written | `.fig` |",
  "|---|---|---|---|---|---|---|---|",
];

function row(parameter: Parameter): string {
  const { key, register, label, unit, danger, field, write, fig } = parameter;
  const written = field.kind === "bits" && write === "offer" ? `bits ${field.writable.join(", ")}` : WRITTEN[write];
  const cells = [`\`${key}\``, hex(register), label, unit, usual(parameter), dangerText(danger), written, `\`${fig}\``];
  return `| ${cells.join(" | ")} |`;
}

const hex = (register: number) => register.toString(16).toUpperCase().padStart(2, "0");
const dangerText = (danger: Danger) => DANGERS[danger];

function usual(parameter: Parameter): string {
  const { usual: ranges, limits } = parameter;
  if (!ranges) return limits ? rangeText(parameter, limits) : "";
  if (isRange(ranges)) return rangeText(parameter, ranges);
  const texts = CHEMISTRIES.map((chemistry) => rangeText(parameter, ranges[chemistry]));
  return new Set(texts).size === 1 ? (texts[0] ?? "") : CHEMISTRIES.map((name, i) => `${name} ${texts[i]}`).join(", ");
}

function isRange(ranges: NonNullable<Parameter["usual"]>): ranges is Range {
  return Array.isArray(ranges);
}

function rangeText(parameter: Parameter, range: Range): string {
  const [min, max] = range.map((bound) => shownNumber(parameter, bound)).sort((a, b) => a - b);
  return `${min} to ${max}`;
}
