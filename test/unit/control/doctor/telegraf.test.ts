import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeCheck, planOf } from "../../../../control/doctor/telegraf.ts";

const SOCKET = "/run/telegraf/bms.sock";

const file = (content: Record<string, unknown>) => ({ path: "/etc/telegraf/telegraf.conf", content });

test("the plan is what listens at our socket, and every database in any file", () => {
  const plan = planOf(
    [
      file({ outputs: { influxdb: [{ urls: ["http://127.0.0.1:8428/"] }], file: [{ files: ["stdout"] }] } }),
      file({
        inputs: {
          cpu: [{}],
          socket_listener: [
            { service_address: "tcp://:8094" },
            { service_address: `unix://${SOCKET}`, name_override: "battery" },
          ],
        },
      }),
      file({
        outputs: { influxdb: { urls: ["http://a:8086", "http://b:8086"] }, influxdb_v2: [{ urls: ["http://c:8086"] }] },
      }),
    ],
    SOCKET,
  );
  assert.equal(plan.measurement, "battery");
  assert.deepEqual(
    plan.databases.map(({ url }) => url),
    ["http://127.0.0.1:8428", "http://a:8086", "http://b:8086", "http://c:8086"],
  );
});

test("a configuration that is not ours has no plan", () => {
  assert.deepEqual(planOf([file({})], SOCKET), { measurement: undefined, databases: [] });
});

test("what the aggregator's own check finds is told line by line", () => {
  const told = (lines: readonly string[], status: number) =>
    judgeCheck(`${lines.join("\n")}\n`, status).map(({ verdict, text }) => `${verdict} ${text}`);
  const socket = "unix:///run/telegraf/bms.sock";
  assert.deepEqual(
    told([`${socket}: nobody listens: start Telegraf`, "-: OK", "fault: too old", "note: few rows"], 1),
    [`wrong ${socket}: nobody listens: start Telegraf`, "ok -: OK", "wrong too old", "ok note: few rows"],
  );
  assert.deepEqual(told([`${socket}: OK`, "note: few rows"], 0), [`ok ${socket}: OK`, "ok note: few rows"]);
  assert.equal(judgeCheck("", 1)[0]?.verdict, "unknown");
});
