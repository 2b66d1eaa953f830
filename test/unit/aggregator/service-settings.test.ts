import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { hasService, serviceSettings, UNIT_SETTINGS } from "../../../aggregator/service-settings.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("the service's own file wins over the common file, and both over the unit", async (t) => {
  const folder = await temporaryFolder(t);
  const files = { common: join(folder, "common.env"), aggregator: join(folder, "aggregator.env") };
  assert.equal(hasService(files), false);
  assert.equal(serviceSettings(files).BMS_OUTPUT, "unix:///run/telegraf/bms.sock");
  await writeFile(files.common, "BMS_OUTPUT=unix:///a\nBMS_SETTLE=60\n");
  await writeFile(files.aggregator, 'BMS_OUTPUT="unix:///b -"\n');
  const { BMS_OUTPUT, BMS_SETTLE, BMS_ENDPOINT } = serviceSettings(files);
  assert.deepEqual([BMS_OUTPUT, BMS_SETTLE, BMS_ENDPOINT], ["unix:///b -", "60", "ipc:///run/bms/readings.sock"]);
  assert.equal(hasService(files), true);
});

test("the settings of the units are known", () => {
  const units = join(import.meta.dirname, "../../../systemd");
  const aggregator = readFileSync(join(units, "bms-aggregator.service"), "utf8");
  for (const [name, value] of Object.entries(UNIT_SETTINGS)) {
    assert.ok(aggregator.includes(`\nEnvironment=${name}=${value}\n`), name);
  }
  const agent = readFileSync(join(units, "bms-agent@.service"), "utf8");
  assert.ok(agent.includes(`\nEnvironment=BMS_ENDPOINT=${UNIT_SETTINGS.BMS_ENDPOINT}\n`));
});
