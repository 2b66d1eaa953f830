import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOutput, socketOf } from "../../../../aggregator/outputs/output-url.ts";

test("an output is standard output or the path of a socket", () => {
  assert.equal(parseOutput("-"), "-");
  assert.equal(parseOutput("unix:///run/telegraf/bms.sock"), "unix:///run/telegraf/bms.sock");
  assert.equal(socketOf("unix:///run/telegraf/bms.sock"), "/run/telegraf/bms.sock");
  assert.equal(socketOf("-"), undefined);
});

const INVALID = [
  "",
  "stdout",
  "/run/telegraf/bms.sock",
  "unix://",
  "unix://bms.sock",
  "unix:///run/telegraf/",
  "unixgram:///run/telegraf/bms.sock",
  "tcp://127.0.0.1:8094",
  `unix:///${"a".repeat(107)}`,
];

for (const text of INVALID) test(`"${text}" is not an output`, () => assert.equal(parseOutput(text), undefined));
