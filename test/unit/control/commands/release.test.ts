import assert from "node:assert/strict";
import { test } from "node:test";
import { releaseBattery } from "../../../../control/commands/release.ts";
import { fakeSystemd } from "../../../support/fake-systemd.ts";

const UNIT = "bms-agent@solar.service";
const TIMER = "bms-take-back-solar";

test("the timer is started before the service is stopped", async () => {
  const systemd = fakeSystemd({ [UNIT]: { active: "active" } });
  await releaseBattery("solar", 10, systemd);
  assert.deepEqual(systemd.commands, [`stop ${TIMER}.timer`, `start ${UNIT} in 600 s by ${TIMER}`, `stop ${UNIT}`]);
});

test("a released battery is released anew", async () => {
  const systemd = fakeSystemd({ [UNIT]: { active: "inactive" }, [`${TIMER}.timer`]: { active: "active" } });
  await releaseBattery("solar", 60, systemd);
  assert.deepEqual(systemd.commands[1], `start ${UNIT} in 3600 s by ${TIMER}`);
});

test("a stopped battery is not started by a release", async () => {
  const systemd = fakeSystemd({ [UNIT]: { active: "inactive" } });
  await assert.rejects(releaseBattery("solar", 10, systemd), /not running, so there is nothing to release/);
  assert.deepEqual(systemd.commands, []);
});
