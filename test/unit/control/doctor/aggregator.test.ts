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
import { checkAggregator, checkEndpoint } from "../../../../control/doctor/aggregator.ts";
import { formatFinding } from "../../../../control/doctor/finding.ts";
import { unitState } from "../../../support/fake-systemd.ts";

const status: AggregatorStatus = {
  version: 1,
  program: "bms-aggregator",
  at: 1_767_323_045_000,
  endpoint: "ipc:///run/bms/readings.sock",
  meters: 3,
  readings: 8412,
  outputs: [{ name: "unix:///run/telegraf/bms.sock", state: "open", waiting: 0 }],
  rejected: {},
};
const outputs = [{ name: "unix:///run/telegraf/bms.sock", state: "away", waiting: 12 }];

for (const [about, state, changed, expected] of [
  ["running", {}, {}, /^OK .*3 meters, 8,412 readings, unix:.* is open\n$/],
  ["running, with a status for root only", {}, undefined, /^\? .*is running, but .*: run the doctor with sudo\n$/],
  [
    "running, with an output away",
    {},
    { outputs },
    /^WRONG .*cannot write to unix:\/\/\/run\/telegraf\/bms\.sock: last log line\n$/,
  ],
  ["stopped", { active: "inactive" }, undefined, /^WRONG .*is not running, .*: sudo systemctl enable --now/],
  [
    "wrong options",
    { active: "failed", exit: 2 },
    undefined,
    /^WRONG .*has wrong options: last log line: correct \/etc\/bms\/aggregator\.env/,
  ],
  [
    "restarting",
    { active: "activating", sub: "auto-restart", exit: 1 },
    undefined,
    /^WRONG .*fails again and again: last log line\n$/,
  ],
  [
    "not installed",
    { load: "not-found", active: "inactive" },
    undefined,
    /^WRONG .*is not installed: install the package/,
  ],
] as const) {
  test(`an aggregator that is ${about}`, () => {
    const finding = checkAggregator(unitState(state), changed && { ...status, ...changed }, "last log line", []);
    assert.match(formatFinding(finding), expected);
  });
}

test("a reason that a later line gives is not given twice", () => {
  const away = { ...status, outputs };
  const name = outputs[0]?.name ?? "";
  const finding = checkAggregator(unitState(), away, "last log line", [name]);
  assert.equal(formatFinding(finding), `WRONG  aggregator: cannot write to ${name}: see Telegraf below\n`);
});

test("an endpoint is accepted if ZeroMQ greets there, and every fault has a remedy", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "bms-doctor-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "readings.sock");
  const endpoint = `ipc://${path}`;
  const result = async (clock: Clock = virtualClock()) => {
    const { verdict, message, remedy } = await checkEndpoint(endpoint, 0, clock);
    return `${verdict} ${message.replaceAll(folder, "")}${remedy ? `: ${remedy}` : ""}`;
  };
  assert.match(await result(), /^wrong \/readings\.sock does not exist: sudo systemctl restart bms-aggregator/);
  writeFileSync(path, "");
  assert.match(await result(), /^wrong \/readings\.sock is not a socket: move it away/);
  rmSync(path);
  const router = new Router();
  t.after(() => router.close());
  await router.bind(endpoint);
  assert.equal(await result(systemClock), "ok /readings.sock accepts readings");
  await router.unbind(endpoint);
  rmSync(path, { force: true });
  const mute = createServer().listen(path);
  t.after(() => mute.close());
  await once(mute, "listening");
  assert.match(await result(), /^wrong nothing listens at \/readings\.sock/);
});
