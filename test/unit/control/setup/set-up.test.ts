import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
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

test("settings are written, then the service is enabled and started", async () => {
  await inFolder(async (files) => {
    const systemd = fakeSystemd({});
    await setUpBattery("solar", settings, undefined, { systemd, files, pins: files });
    assert.match(readFileSync(join(files, "solar.env"), "utf8"), /^BMS_ADDRESS=C0:00:00:00:00:01\nBMS_INTERVAL=5$/m);
    assert.deepEqual(systemd.commands, ["enable --now bms-agent@solar.service"]);
  });
});

test("a battery that is set up already is not overwritten", async () => {
  await inFolder(async (files) => {
    const systemd = fakeSystemd({});
    await setUpBattery("solar", settings, undefined, { systemd, files, pins: files });
    const again = setUpBattery("solar", { ...settings, interval: 60 }, undefined, { systemd, files, pins: files });
    await assert.rejects(again, /"solar" exists already/);
    assert.match(readFileSync(join(files, "solar.env"), "utf8"), /BMS_INTERVAL=5$/m);
  });
});

for (const name of ["../solar", "solar panel", ""]) {
  test(`${JSON.stringify(name)} cannot name a service`, async () => {
    await inFolder(async (files) => {
      const systemd = fakeSystemd({});
      await assert.rejects(
        setUpBattery(name, settings, undefined, { systemd, files, pins: files }),
        /cannot be the name/,
      );
      assert.deepEqual(systemd.commands, []);
    });
  });
}

test("a password is written apart from the settings", async () => {
  await inFolder(async (files) => {
    const pins = join(files, "pins");
    mkdirSync(pins);
    await setUpBattery("solar", settings, "123456", { systemd: fakeSystemd({}), files, pins });
    assert.ok(!readFileSync(join(files, "solar.env"), "utf8").includes("123456"));
    assert.equal(readFileSync(join(pins, "solar"), "utf8"), "123456\n");
  });
});

test("a missing package is reported before any question", async () => {
  await inFolder(async (files) => {
    const systemd = fakeSystemd({});
    const missing = /^UsageError: .*absent is missing: install the package bms first$/;
    const absent = join(files, "absent");
    assert.throws(() => placeAt(systemd, { files: absent, pins: files }), missing);
    assert.throws(() => placeAt(systemd, { files, pins: absent }), missing);
    assert.deepEqual(placeAt(systemd, { files, pins: files }), { systemd, files, pins: files });
  });
});
