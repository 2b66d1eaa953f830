import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { UNIT_SETTINGS } from "../../../../control/setup/installation.ts";

const units = join(import.meta.dirname, "../../../../systemd");

test("UNIT_SETTINGS are those of the units", () => {
  const aggregator = readFileSync(join(units, "bms-aggregator.service"), "utf8");
  for (const [name, value] of Object.entries(UNIT_SETTINGS)) {
    assert.ok(aggregator.includes(`\nEnvironment=${name}=${value}\n`), name);
  }
  const agent = readFileSync(join(units, "bms-agent@.service"), "utf8");
  assert.ok(agent.includes(`\nEnvironment=BMS_ENDPOINT=${UNIT_SETTINGS.BMS_ENDPOINT}\n`));
});
