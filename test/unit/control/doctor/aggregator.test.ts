import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Router } from "zeromq";
import { type Clock, systemClock, virtualClock } from "../../../../common/runtime/clock.ts";
import { examineEndpoint, judgeAggregator } from "../../../../control/doctor/aggregator.ts";

const state = {
  unit: "bms-aggregator.service",
  load: "loaded",
  active: "active",
  sub: "running",
  enabled: "enabled",
  status: "3 meters, 8,412 readings, unix:///run/telegraf/bms.sock is open",
  result: "success",
  exit: 0,
};

for (const [about, changes, expected] of [
  ["running", {}, /^ok 3 meters, 8,412 readings, unix:.* is open$/],
  ["running without a word", { status: "" }, /^ok runs$/],
  [
    "running, with an output away",
    { status: "3 meters, 8,412 readings, unix:///run/telegraf/bms.sock is away, 12 wait" },
    /^wrong cannot write: last words$/,
  ],
  ["stopped", { active: "inactive" }, /^wrong does not run, so readings wait on disk: sudo systemctl enable --now/],
  [
    "wrong options",
    { active: "failed", exit: 2 },
    /^wrong has wrong options: last words; mend \/etc\/bms\/aggregator\.env/,
  ],
  ["restarting", { active: "activating", sub: "auto-restart", exit: 1 }, /^wrong ends again and again: last words$/],
] as const) {
  test(`an aggregator that is ${about}`, () => {
    const { verdict, text } = judgeAggregator({ ...state, ...changes }, "last words");
    assert.match(`${verdict} ${text}`, expected);
  });
}

test("an endpoint is well where ZeroMQ greets, and each other way is told with what to do", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "bms-doctor-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "readings.sock");
  const endpoint = `ipc://${path}`;
  const told = async (clock: Clock = virtualClock()) => {
    const { verdict, text } = await examineEndpoint(endpoint, clock);
    return `${verdict} ${text.replaceAll(folder, "")}`;
  };
  assert.match(await told(), /^wrong there is no \/readings\.sock: sudo systemctl restart bms-aggregator/);
  writeFileSync(path, "");
  assert.match(await told(), /^wrong \/readings\.sock is no socket: move it away/);
  rmSync(path);
  const router = new Router();
  t.after(() => router.close());
  await router.bind(endpoint);
  assert.equal(await told(systemClock), "ok /readings.sock takes readings");
  await router.unbind(endpoint);
  rmSync(path, { force: true });
  const mute = createServer().listen(path);
  t.after(() => mute.close());
  await once(mute, "listening");
  assert.match(await told(), /^wrong nobody listens at \/readings\.sock/);
});
