import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { STOP_SIGNALS } from "../../../../common/runtime/stop-signals.ts";
import { startProgram } from "../../../../simulator/program.ts";
import { listen } from "../../../support/listener.ts";

const SHORT = ["--seconds", "2", "--interval", "0.2", "--latency", "1", "--no-page"];

test("the demo prints rows of all its batteries, and at the end that none was lost, and what to do next", async () => {
  const demo = startProgram("demo", [...SHORT.slice(0, -1), "--http", "127.0.0.1:0"]);
  const address = (await demo.logged(/./)).split(" ").at(-1) ?? "";
  assert.match(demo.stderr[0] ?? "", / demo: the page: http:\/\/127\.0\.0\.1:\d+\/$/);
  assert.equal((await fetch(address)).status, 200);
  assert.equal((await demo.ended).code, 0);
  const meters = new Set(demo.stdout.map((line) => line.split(",", 1).join()));
  assert.deepEqual([...meters].sort(), ["", "house", "inverter", "meter", "solar"]);
  assert.match(demo.stderr.at(-2) ?? "", /demo: (\d+) readings? taken, \1 delivered to stdout, 0 lost$/);
  assert.match(demo.stderr.at(-1) ?? "", /demo: next: npm run -s agent -- scan /);
  await assert.rejects(fetch(address), "the page ends with the demo");
});

test("delivered means delivered to the output that was named", async () => {
  const demo = startProgram("demo", [...SHORT, "--output", "unix:///nowhere/telegraf.sock"]);
  assert.equal((await demo.ended).code, 1);
  assert.match(
    demo.stderr.at(-2) ?? "",
    /demo: ([1-9]\d*) readings? taken, 0 delivered to unix:\/\/\/nowhere\/telegraf\.sock, \1 lost$/,
  );
  assert.deepEqual(demo.stdout, []);
  const remedy = /no aggregator answers|start bms-aggregator/;
  assert.deepEqual(
    demo.stderr.filter((line) => remedy.test(line)),
    [],
  );
});

test("readings that a Telegraf has received are delivered", async (t) => {
  const telegraf = await listen(t);
  const demo = startProgram("demo", [...SHORT, "--output", `unix://${telegraf.path}`]);
  assert.equal((await demo.ended).code, 0);
  assert.match(demo.stderr.at(-2) ?? "", /demo: ([1-9]\d*) readings? taken, \1 delivered to unix:.*, 0 lost$/);
  assert.ok(telegraf.documents.length > 0);
});

for (const signal of STOP_SIGNALS) {
  test(`${signal} ends the demo together with its programs, and what they have taken is delivered`, async () => {
    const demo = startProgram("demo", ["--interval", "0.2", "--latency", "1", "--http", "127.0.0.1:0"]);
    const address = (await demo.logged(/the page: /)).split(" ").at(-1) ?? "";
    await demo.logged(/inverter: connected/);
    assert.deepEqual(await demo.stop(signal), { code: 0, signal: null }, demo.stderr.join("\n"));
    assert.match(demo.stderr.at(-2) ?? "", /demo: (\d+) readings? taken, \1 delivered to stdout, 0 lost$/);
    await assert.rejects(fetch(address), "the page ends with the demo");
  });
}

test("a demo that is stopped while its agents start has not failed", async () => {
  const demo = startProgram("demo", SHORT);
  await demo.logged(/bms-aggregator: listening on/);
  assert.deepEqual(await demo.stop(), { code: 0, signal: null }, demo.stderr.join("\n"));
  assert.match(demo.stderr.at(-2) ?? "", /demo: (\d+) readings? taken, \1 delivered to stdout, 0 lost$/);
});

test("what stdout refuses is not delivered", async () => {
  const full = openSync("/dev/full", "w");
  const file = join(import.meta.dirname, "../../../../dist/demo.js");
  const demo = spawn(process.execPath, [file, ...SHORT], { stdio: ["ignore", full, "pipe"] });
  closeSync(full);
  let log = "";
  demo.stderr?.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const code = await new Promise((resolve) => demo.once("close", resolve));
  assert.equal(code, 1);
  assert.match(log, /demo: stdout cannot be written to: .*ENOSPC/);
  assert.match(log, /demo: ([1-9]\d*) readings? taken, 0 delivered to stdout, \1 lost\n/);
});

const MISTAKES: readonly (readonly [about: string, args: readonly string[], line: RegExp])[] = [
  ["of its own", ["--seconds", "0"], /^demo: .*--seconds.* Give a number of seconds above 0/],
  [
    "an interval outside the agents' bounds",
    ["--interval", "0.01"],
    /^demo: .*--interval.* seconds from 0\.05 to 86400/,
  ],
  ["a battery that is not in it", ["--fault", "bms=silence"], /^demo: .* BATTERY is house, solar, inverter or all\.$/],
  ["of the batteries", ["--fault", "house=teapot"], /^simulator: .*--fault.*teapot/],
  ["of the aggregator", ["--output", "telegraf"], /bms-aggregator: --output "telegraf": expected unix:/],
];
for (const [about, args, line] of MISTAKES) {
  test(`a bad option (${about}) ends the demo with status 2 and one line`, async () => {
    const demo = startProgram("demo", [...args, "--no-page"]);
    assert.equal((await demo.ended).code, 2);
    assert.match(demo.stderr.at(-1) ?? "", line);
  });
}
