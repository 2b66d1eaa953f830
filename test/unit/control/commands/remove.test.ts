import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { removeBattery } from "../../../../control/commands/remove.ts";
import { fakeServices } from "../../../support/fake-systemd.ts";

/** A machine with one battery, `solar`. */
async function withSolar(check: (place: { files: string; state: string }) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), "bms-remove-"));
  const place = { files: join(folder, "agents"), state: join(folder, "state") };
  mkdirSync(place.files);
  mkdirSync(join(place.state, "agent-solar"), { recursive: true });
  writeFileSync(join(place.files, "solar.env"), "BMS_ADDRESS=C0:00:00:00:00:01\n");
  try {
    await check(place);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("service, timer, settings and the empty folder of readings go", async () => {
  await withSolar(async (place) => {
    const services = fakeServices({ "bms-agent@solar.service": { active: "active" } });
    assert.equal(await removeBattery("solar", { ...place, services }), undefined);
    assert.deepEqual(services.asked, [
      "stop bms-take-back-solar.timer",
      "disable --now bms-agent@solar.service",
      "reset-failed bms-agent@solar.service",
    ]);
    assert.ok(!existsSync(join(place.files, "solar.env")));
    assert.ok(!existsSync(join(place.state, "agent-solar")));
  });
});

test("readings that were not confirmed stay, and are told", async () => {
  await withSolar(async (place) => {
    const kept = join(place.state, "agent-solar");
    writeFileSync(join(kept, "spool"), "x");
    assert.equal(await removeBattery("solar", { ...place, services: fakeServices({}) }), kept);
    assert.ok(existsSync(join(kept, "spool")));
  });
});

test("a name that nobody has is refused with those that are there", async () => {
  await withSolar(async (place) => {
    const removing = removeBattery("sun", { ...place, services: fakeServices({}) });
    await assert.rejects(removing, /no battery "sun" is set up here; there are: solar$/);
  });
});

test("where the service manager refuses, the settings stay", async () => {
  await withSolar(async (place) => {
    const services = fakeServices({}, ["disable"]);
    await assert.rejects(removeBattery("solar", { ...place, services }), { name: "ServiceError" });
    assert.ok(existsSync(join(place.files, "solar.env")));
  });
});
