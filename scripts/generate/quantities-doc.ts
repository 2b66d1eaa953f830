import { QUANTITIES, QUANTITY_NAMES, type Quantity, type QuantityGroup } from "../../common/model/quantities.ts";

const HEADINGS: Readonly<Record<QuantityGroup, string>> = {
  device: "The battery",
  cell: "Its cells",
  agent: "Health of the agent",
};

const AGENT_NOTE = `While its device does not answer, an agent sends one row per period with \`online\` 0 and its health: a dead
battery and a gap in the curve look different.`;

const INTRODUCTION = `# Quantities

Written by \`npm run generate\` from \`common/model/quantities.ts\`.

One word serves everywhere: \`volts\` is the CSV column, the database field, the metric and the label. A row of CSV begins with
\`meter\`, your name for the device, and \`time\`, milliseconds since 1970 in UTC at which the answer was complete. \`site\`
comes next where one is set (\`--site\`, or \`BMS_SITE\` in \`/etc/bms/common.env\`): your name for the place. \`meter\` and \`site\` are
tags, and two sites may use the same names of meters. The measured quantities follow in the order of the vocabulary. What a
device did not report is absent, never zero; so is a temperature below -50 or above 150 °C and a state of charge above 100 %. A
float always prints a point and an int never does, so a database column never changes its type. The measurement in the database is \`battery\`.
`;

/** docs/quantities.md: one table per group. */
export function quantitiesDocument(): string {
  const groups = Object.entries(HEADINGS).map(([group, heading]) => {
    const names = QUANTITY_NAMES.filter((name) => QUANTITIES[name].group === group);
    const note = group === "agent" ? `\n${AGENT_NOTE}\n` : "";
    return `\n## ${heading}\n${note}\n${table(names)}`;
  });
  return INTRODUCTION + groups.join("");
}

/** A numbered name without its number: `cell7` and `cell8` are one row. */
const family = (name: Quantity) => name.replace(/\d+$/, "#");

function table(names: readonly Quantity[]): string {
  const rows = names.flatMap((name) => {
    const members = names.filter((other) => family(other) === family(name) && /\d$/.test(other));
    if (members.length <= 2) return row(`\`${name}\``, name);
    return members[0] === name ? row(`\`${name}\` … \`${members.at(-1)}\``, name) : [];
  });
  return ["| column | kind | decimals | unit | meaning |", "|---|---|---|---|---|", ...rows, ""].join("\n");
}

function row(columns: string, name: Quantity): string {
  const { kind, decimals, unit, about } = QUANTITIES[name];
  const meaning = columns.includes("…") ? about.replace(/(cell|sensor) 1\b/, "$1 *n*") : about;
  return `| ${columns} | ${kind} | ${kind === "float" ? decimals : ""} | ${unit} | ${meaning} |`;
}
