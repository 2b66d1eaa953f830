import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { removeBattery } from "../../../../control/commands/remove.ts";
import type { Installation } from "../../../../control/setup/installation.ts";
import { fakeSystemd } from "../../../support/fake-systemd.ts";

/** A machine with one battery, `solar`. */
async function withSolar(check: (place: Installation) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), "bms-remove-"));
  const place = {
    files: join(folder, "agents"),
    pins: join(folder, "pins"),
    runtime: join(folder, "run"),
    state: join(folder, "state"),
  };
  mkdirSync(place.files);
  mkdirSync(place.pins);
  writeFileSync(join(place.pins, "solar"), "123456\n");
  mkdirSync(join(place.state, "agent-solar"), { recursive: true });
  writeFileSync(join(place.files, "solar.env"), "BMS_ADDRESS=C0:00:00:00:00:01\n");
  try {
    await check(place);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("service, timer, settings and an empty spool are removed", async () => {
  await withSolar(async (place) => {
    const systemd = fakeSystemd({ "bms-agent@solar.service": { active: "active" } });
    assert.equal(await removeBattery("solar", place, systemd), undefined);
    assert.deepEqual(systemd.commands, [
      "stop bms-take-back-solar.timer",
      "disable --now bms-agent@solar.service",
      "reset-failed bms-agent@solar.service",
    ]);
    assert.ok(!existsSync(join(place.files, "solar.env")));
    assert.ok(!existsSync(join(place.pins, "solar")));
    assert.ok(!existsSync(join(place.state, "agent-solar")));
  });
});

test("unconfirmed readings stay, and their directory is returned", async () => {
  await withSolar(async (place) => {
    const kept = join(place.state, "agent-solar");
    writeFileSync(join(kept, "spool"), "x");
    assert.equal(await removeBattery("solar", place, fakeSystemd({})), kept);
    assert.ok(existsSync(join(kept, "spool")));
  });
});

test("an unknown name is refused with the known ones", async () => {
  await withSolar(async (place) => {
    const removing = removeBattery("sun", place, fakeSystemd({}));
    await assert.rejects(removing, /no battery "sun" is set up here; there are: solar$/);
  });
});

test("if systemd refuses, the settings stay", async () => {
  await withSolar(async (place) => {
    const systemd = fakeSystemd({}, ["disable"]);
    await assert.rejects(removeBattery("solar", place, systemd), { name: "ServiceError" });
    assert.ok(existsSync(join(place.files, "solar.env")));
  });
});
