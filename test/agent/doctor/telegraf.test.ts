import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeCheck, planOf } from "../../../agent/doctor/telegraf.ts";

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
  const said = "unix:///run/telegraf/bms.sock: nobody listens: start Telegraf\n-: OK\n";
  assert.deepEqual(
    judgeCheck(said, 1).map(({ verdict }) => verdict),
    ["wrong", "ok"],
  );
  assert.deepEqual(
    judgeCheck("unix:///run/telegraf/bms.sock: OK\nworth knowing\n", 0).map(({ verdict }) => verdict),
    ["ok", "ok"],
  );
  assert.equal(judgeCheck("", 1)[0]?.verdict, "unknown");
});
