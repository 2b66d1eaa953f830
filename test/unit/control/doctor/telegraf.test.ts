import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckReport, Finding } from "../../../../aggregator/check/finding.ts";
import { planOf, telegrafFindings } from "../../../../control/doctor/telegraf.ts";

const SOCKET = "/run/telegraf/bms.sock";

const file = (content: Record<string, unknown>) => ({ path: "/etc/telegraf/telegraf.conf", content });

test("the plan has the listener at the socket, and every database in any file", () => {
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

test("without a listener at the socket there is no plan", () => {
  assert.deepEqual(planOf([file({})], SOCKET), { measurement: undefined, databases: [] });
});

test("findings of the aggregator's check keep their remedy; notes are not faults", () => {
  const output = "unix:///run/telegraf/bms.sock";
  const reported = (ok: boolean, ...findings: Finding[]) => {
    const report: CheckReport = { version: 1, ok, outputs: [{ output, ok, findings }] };
    return telegrafFindings(report).map(({ verdict, message, remedy }) => `${verdict} ${message}: ${remedy}`);
  };
  const silent: Finding = { level: "fault", about: "output", message: "nobody listens", remedy: "start Telegraf" };
  const old: Finding = { level: "fault", about: "telegraf", message: "too old", remedy: "install 1.33" };
  const small: Finding = { level: "note", about: "telegraf", message: "few rows", remedy: "set more" };
  assert.deepEqual(reported(false, silent, old, small), [
    `wrong ${output}: nobody listens: start Telegraf`,
    "wrong too old: install 1.33",
    "ok note: few rows: set more",
  ]);
  assert.deepEqual(reported(true, small), [`ok ${output}: OK: undefined`, "ok note: few rows: set more"]);
});
