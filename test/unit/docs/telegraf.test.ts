import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "smol-toml";
import { snippet } from "../../system/telegraf/snippet.ts";

const ROOT = join(import.meta.dirname, "../../..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** The headings whose sections the commands of a page uncomment. */
const headingsIn = (file: string) =>
  [
    ...read(file).matchAll(/sed -i '\/\^## (.+?)\/,\/\^\$\/s\/\^# \/\/' \/etc\/telegraf\/telegraf\.d\/battery\.conf/g),
  ].map(([, heading = ""]) => heading);

/** As sed does: from each line that begins so to the next empty line. */
function uncommented(text: string, heading: string): string {
  let isInside = false;
  return text
    .split("\n")
    .map((line) => {
      isInside = line === "" ? false : isInside || line.startsWith(`## ${heading}`);
      return isInside ? line.replace(/^# /, "") : line;
    })
    .join("\n");
}

test("docs/telegraf.md has a command for each output of the snippet", () => {
  const sections = read("telegraf/battery.conf").split("\n\n");
  const outputs = sections.filter((section) => /^# \[\[outputs\./m.test(section));
  const headings = headingsIn("docs/telegraf.md");
  assert.equal(headings.length, outputs.length);
  for (const output of outputs) assert.equal(headings.filter((name) => output.startsWith(`## ${name}`)).length, 1);
});

for (const file of ["docs/telegraf.md", "docs/install.md", "telegraf/battery.conf"]) {
  for (const heading of headingsIn(file)) {
    test(`the command in ${file} uncomments the output to ${heading}, and nothing else`, () => {
      const text = uncommented(read("telegraf/battery.conf"), heading);
      assert.equal(text, snippet("battery.conf", { uncomment: [heading] }));
      assert.deepEqual(Object.keys(parse(text)).sort(), ["inputs", "outputs"]);
    });
  }
}
