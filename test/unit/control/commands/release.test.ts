import assert from "node:assert/strict";
import { test } from "node:test";
import { releaseBattery } from "../../../../control/commands/release.ts";
import { fakeServices } from "../../../support/fake-systemd.ts";

const UNIT = "bms-agent@solar.service";
const TIMER = "bms-take-back-solar";

test("the way back is laid before the service stops", async () => {
  const services = fakeServices({ [UNIT]: { active: "active" } });
  await releaseBattery("solar", 10, services);
  assert.deepEqual(services.asked, [`stop ${TIMER}.timer`, `start ${UNIT} in 600 s by ${TIMER}`, `stop ${UNIT}`]);
});

test("a battery that is lent already is lent anew", async () => {
  const services = fakeServices({ [UNIT]: { active: "inactive" }, [`${TIMER}.timer`]: { active: "active" } });
  await releaseBattery("solar", 60, services);
  assert.deepEqual(services.asked[1], `start ${UNIT} in 3600 s by ${TIMER}`);
});

test("what does not run is not started by being released", async () => {
  const services = fakeServices({ [UNIT]: { active: "inactive" } });
  await assert.rejects(releaseBattery("solar", 10, services), /not running, so there is nothing to release/);
  assert.deepEqual(services.asked, []);
});
