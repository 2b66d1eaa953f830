import assert from "node:assert/strict";
import { test } from "node:test";
import { lendBattery } from "../../../../control/setup/lending.ts";
import { fakeSystemd } from "../../../support/fake-systemd.ts";

const UNIT = "bms-agent@solar.service";
const TIMER = "bms-take-back-solar.timer";

test("a lent battery comes back by a timer whatever happens; the timer ends once its service runs again", async () => {
  const systemd = fakeSystemd({ [UNIT]: { active: "active" } });
  const { wasRunning, giveBack } = await lendBattery("solar", systemd);
  await giveBack();
  assert.ok(wasRunning);
  assert.deepEqual(systemd.commands, [
    `stop ${TIMER}`,
    `start ${UNIT} in 600 s by bms-take-back-solar`,
    `stop ${UNIT}`,
    `start --no-block ${UNIT}`,
    `stop ${TIMER}`,
  ]);
});

test("a service that does not start keeps its timer", async () => {
  const systemd = fakeSystemd({ [UNIT]: { active: "active" } });
  const { giveBack } = await lendBattery("solar", { ...systemd, control: refuseStart(systemd.control) });
  await assert.rejects(giveBack(), /refused/);
  assert.equal(systemd.commands.at(-1), `stop ${UNIT}`);
});

test("a service that does not run is not started", async () => {
  const systemd = fakeSystemd({ [UNIT]: { active: "inactive" } });
  const { wasRunning, giveBack } = await lendBattery("solar", systemd);
  await giveBack();
  assert.ok(!wasRunning);
  assert.deepEqual(systemd.commands, []);
});

function refuseStart(control: (...words: readonly string[]) => Promise<void>) {
  return async (...words: readonly string[]) => {
    if (words[0] === "start") throw new Error("refused");
    await control(...words);
  };
}
