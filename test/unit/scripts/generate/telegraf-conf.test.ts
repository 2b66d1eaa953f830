import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { QUANTITIES, QUANTITY_NAMES } from "../../../../common/model/quantities.ts";
import { homeAssistant } from "../../../../scripts/generate/home-assistant.ts";
import { SNIPPETS } from "../../../../scripts/generate/telegraf-conf.ts";

const folder = join(import.meta.dirname, "../../../../telegraf");

test("the generated files of telegraf/ are what `npm run telegraf-conf` writes", () => {
  for (const [name, text] of Object.entries(SNIPPETS)) assert.equal(readFileSync(join(folder, name), "utf8"), text);
});

test("the discovery message for Home Assistant has the unit of every quantity, and no other", () => {
  const units = homeAssistant(QUANTITIES).flatMap((line) => {
    const found = /regexMatch "(.*?)" \$name }},"unit_of_measurement":"(.*?)"/.exec(line);
    return found ? [{ pattern: new RegExp(found[1] as string), unit: found[2] }] : [];
  });
  for (const name of QUANTITY_NAMES)
    assert.equal(units.find(({ pattern }) => pattern.test(name))?.unit ?? "", QUANTITIES[name].unit, name);
});
