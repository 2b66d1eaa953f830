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
  const reportedTo = (uid: number, ok: boolean, ...findings: Finding[]) => {
    const report: CheckReport = { version: 1, ok, outputs: [{ output, ok, findings }] };
    return telegrafFindings(report, uid).map(({ verdict, message, remedy }) => `${verdict} ${message}: ${remedy}`);
  };
  const reported = (ok: boolean, ...findings: Finding[]) => reportedTo(0, ok, ...findings);
  const silent: Finding = { level: "fault", about: "output", message: "nobody listens", remedy: "start Telegraf" };
  const old: Finding = { level: "fault", about: "telegraf", message: "too old", remedy: "install 1.33" };
  const small: Finding = { level: "note", about: "telegraf", message: "few rows", remedy: "set more" };
  assert.deepEqual(reported(false, silent, old, small), [
    `wrong ${output}: nobody listens: start Telegraf`,
    "wrong too old: install 1.33",
    "note few rows: set more",
  ]);
  assert.deepEqual(reported(true, small), [`ok ${output}: OK: undefined`, "note few rows: set more"]);
  const denied: Finding = {
    level: "fault",
    about: "output",
    code: "EACCES",
    message: "no permission",
    remedy: "set mode",
  };
  assert.deepEqual(reportedTo(1000, false, denied), [
    `unknown this user may not use ${output}: run the doctor with sudo`,
  ]);
  assert.deepEqual(reportedTo(0, false, denied), [`wrong ${output}: no permission: set mode`]);
});
