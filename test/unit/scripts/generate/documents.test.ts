import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { QUANTITY_NAMES } from "../../../../common/model/quantities.ts";
import { configurationDocument } from "../../../../scripts/generate/configuration-doc.ts";
import { quantitiesDocument } from "../../../../scripts/generate/quantities-doc.ts";
import { settingsDocument } from "../../../../scripts/generate/settings-doc.ts";

const docs = join(import.meta.dirname, "../../../../docs");

for (const [file, document] of [
  ["configuration.md", configurationDocument],
  ["quantities.md", quantitiesDocument],
  ["jbd-settings.md", settingsDocument],
] as const) {
  test(`docs/${file} is up to date`, () => {
    assert.equal(readFileSync(join(docs, file), "utf8"), document(), "run npm run generate");
  });
}

test("every quantity has a row", () => {
  const text = quantitiesDocument();
  const isMiddle = (name: string) => /^(cell|c|temp)\d+$/.test(name);
  for (const name of QUANTITY_NAMES) assert.ok(isMiddle(name) || text.includes(`| \`${name}\` |`), name);
  for (const name of ["cell1", "cell32", "c01", "c32", "temp1", "temp8"]) assert.ok(text.includes(`\`${name}\``), name);
});
