import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Router } from "zeromq";
import type { AggregatorStatus } from "../../../../common/model/status.ts";
import { type Clock, systemClock, virtualClock } from "../../../../common/runtime/clock.ts";
import { examineEndpoint, judgeAggregator, readAggregatorStatus } from "../../../../control/doctor/aggregator.ts";

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

const SOCKET = "unix:///run/telegraf/bms.sock";
const report = (output: string): AggregatorStatus => ({
  version: 1,
  program: "bms-aggregator",
  at: 0,
  endpoint: "ipc:///run/bms/readings.sock",
  meters: 3,
  readings: 8412,
  outputs: [{ name: SOCKET, state: output, waiting: 12 }],
  rejected: {},
});

for (const [about, changes, output, expected] of [
  ["running", {}, "open", /^ok 3 meters, 8,412 readings, unix:.* is open$/],
  ["running without a status line", { status: "" }, "open", /^ok runs$/],
  ["running, with an output away", {}, "away", /^wrong cannot write to unix:\/\/\/run.*sock: last words$/],
  ["running, with a stuck output", {}, "stuck", /^wrong cannot write to unix:/],
  ["running, without a status file", {}, undefined, /^unknown runs, .*: run the doctor with sudo$/],
  [
    "stopped",
    { active: "inactive" },
    "open",
    /^wrong does not run, so readings wait on disk: sudo systemctl enable --now/,
  ],
  [
    "wrong options",
    { active: "failed", exit: 2 },
    undefined,
    /^wrong has wrong options: last words; mend \/etc\/bms\/aggregator\.env/,
  ],
  [
    "restarting",
    { active: "activating", sub: "auto-restart", exit: 1 },
    "open",
    /^wrong ends again and again: last words$/,
  ],
] as const) {
  test(`an aggregator that is ${about}`, () => {
    const status = output === undefined ? undefined : report(output);
    const { verdict, text } = judgeAggregator({ ...state, ...changes }, status, "last words");
    assert.match(`${verdict} ${text}`, expected);
  });
}

test("the status file is read, and a missing one is not an error", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "bms-doctor-"));
  t.after(() => rmSync(folder, { recursive: true }));
  assert.equal(readAggregatorStatus(folder), undefined);
  writeFileSync(join(folder, "status.json"), JSON.stringify(report("away")));
  assert.deepEqual(readAggregatorStatus(folder), report("away"));
});

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
  assert.equal(await told(systemClock), "ok /readings.sock accepts readings");
  await router.unbind(endpoint);
  rmSync(path, { force: true });
  const mute = createServer().listen(path);
  t.after(() => mute.close());
  await once(mute, "listening");
  assert.match(await told(), /^wrong nobody listens at \/readings\.sock/);
});
