import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { placeAt, setUpBattery } from "../../../../control/setup/set-up.ts";
import { fakeSystemd } from "../../../support/fake-systemd.ts";

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

test("settings are written, then the service is enabled and started", async () => {
  await inFolder(async (files) => {
    const systemd = fakeSystemd({});
    await setUpBattery("solar", settings, { systemd, files, groupId });
    assert.match(readFileSync(join(files, "solar.env"), "utf8"), /^BMS_ADDRESS=C0:00:00:00:00:01\nBMS_INTERVAL=5$/m);
    assert.deepEqual(systemd.commands, ["enable --now bms-agent@solar.service"]);
  });
});

test("a battery that is set up already is not overwritten", async () => {
  await inFolder(async (files) => {
    const systemd = fakeSystemd({});
    await setUpBattery("solar", settings, { systemd, files, groupId });
    const again = setUpBattery("solar", { ...settings, interval: 60 }, { systemd, files, groupId });
    await assert.rejects(again, /"solar" exists already/);
    assert.match(readFileSync(join(files, "solar.env"), "utf8"), /BMS_INTERVAL=5$/m);
  });
});

for (const name of ["../solar", "solar panel", ""]) {
  test(`${JSON.stringify(name)} cannot name a service`, async () => {
    await inFolder(async (files) => {
      const systemd = fakeSystemd({});
      await assert.rejects(setUpBattery(name, settings, { systemd, files, groupId }), /cannot be the name/);
      assert.deepEqual(systemd.commands, []);
    });
  });
}

test("a missing package is reported before any question", async () => {
  await inFolder(async (files) => {
    const systemd = fakeSystemd({});
    const missing = /^UsageError: .* install the package bms first$/;
    assert.throws(() => placeAt(systemd, join(files, "absent"), groupId), missing);
    assert.throws(() => placeAt(systemd, files, undefined), missing);
    assert.deepEqual(placeAt(systemd, files, groupId), { systemd, files, groupId });
  });
});
