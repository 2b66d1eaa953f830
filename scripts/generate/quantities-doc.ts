// Writes the README's table of quantities from the vocabulary, between its two markers. `--check` only compares.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { QUANTITIES, QUANTITY_NAMES, type Quantity } from "../../common/model/quantities.ts";

const readme = join(import.meta.dirname, "../../README.md");
const BEGIN = "<!-- quantities: written by `npm run generate` -->\n";
const END = "<!-- end of quantities -->";

/** Numbered names without their number: `cell7` and `cell8` are one row. */
const family = (name: Quantity) => name.replace(/\d+$/, "#");

/** The table's lines: one per quantity, one for all members of a numbered family. */
function tableOfQuantities(): string {
  const rows: string[] = [];
  for (const name of QUANTITY_NAMES) {
    const members = QUANTITY_NAMES.filter((other) => family(other) === family(name) && /\d$/.test(other));
    const numbered = members.length > 2;
    if (numbered && members[0] !== name) continue;
    const { kind, decimals, unit, about } = QUANTITIES[name];
    const names = numbered ? `\`${name}\` … \`${members.at(-1)}\`` : `\`${name}\``;
    const meaning = numbered ? about.replace(/(cell|sensor) 1\b/, "$1 *n*") : about;
    rows.push(`| ${names} | ${kind} | ${kind === "float" ? decimals : ""} | ${unit} | ${meaning} |`);
  }
  return ["| column | kind | decimals | unit | meaning |", "|---|---|---|---|---|", ...rows, ""].join("\n");
}

const before = readFileSync(readme, "utf8");
const from = before.indexOf(BEGIN);
const to = before.indexOf(END);
if (from < 0 || to < from) throw new Error("README.md has lost the markers around the table of quantities");
const after = before.slice(0, from + BEGIN.length) + tableOfQuantities() + before.slice(to);
if (process.argv.includes("--check")) {
  if (after !== before) {
    process.stderr.write("README.md: the table of quantities is not the vocabulary's; run npm run generate\n");
    process.exitCode = 1;
  }
} else writeFileSync(readme, after);
