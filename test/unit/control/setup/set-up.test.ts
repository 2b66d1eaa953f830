import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { placeAt, setUpBattery } from "../../../../control/setup/set-up.ts";
import { fakeServices } from "../../../support/fake-systemd.ts";

const settings = { address: "C0:00:00:00:00:01", interval: 5 };

async function inFolder(check: (files: string) => Promise<void>) {
  const files = mkdtempSync(join(tmpdir(), "bms-set-up-"));
  try {
    await check(files);
  } finally {
    rmSync(files, { recursive: true });
  }
}

const groupId = process.getgid?.() ?? 0;

test("settings are laid down, then the service is enabled and started", async () => {
  await inFolder(async (files) => {
    const services = fakeServices({});
    await setUpBattery("solar", settings, { services, files, groupId });
    assert.match(readFileSync(join(files, "solar.env"), "utf8"), /^BMS_ADDRESS=C0:00:00:00:00:01\nBMS_INTERVAL=5$/m);
    assert.deepEqual(services.asked, ["enable --now bms-agent@solar.service"]);
  });
});

test("a battery that is set up already is not overwritten", async () => {
  await inFolder(async (files) => {
    const services = fakeServices({});
    await setUpBattery("solar", settings, { services, files, groupId });
    const again = setUpBattery("solar", { ...settings, interval: 60 }, { services, files, groupId });
    await assert.rejects(again, /there is a "solar" already/);
    assert.match(readFileSync(join(files, "solar.env"), "utf8"), /BMS_INTERVAL=5$/m);
  });
});

for (const name of ["../solar", "solar panel", ""]) {
  test(`${JSON.stringify(name)} is no name for a service`, async () => {
    await inFolder(async (files) => {
      const services = fakeServices({});
      await assert.rejects(setUpBattery(name, settings, { services, files, groupId }), /cannot be the name/);
      assert.deepEqual(services.asked, []);
    });
  });
}

test("without the package there is no place for a battery, before anything is asked", async () => {
  await inFolder(async (files) => {
    const services = fakeServices({});
    const missing = /^UsageError: .* install the package bms first$/;
    assert.throws(() => placeAt(services, join(files, "absent"), groupId), missing);
    assert.throws(() => placeAt(services, files, undefined), missing);
    assert.deepEqual(placeAt(services, files, groupId), { services, files, groupId });
  });
});
