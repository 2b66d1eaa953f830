import assert from "node:assert/strict";
import { test } from "node:test";
import { createLinkLog } from "../../../../agent/outbox/link-log.ts";
import { silentLog } from "../../../../common/runtime/log.ts";

function logged() {
  const lines: string[] = [];
  const keep = (line: string) => void lines.push(line);
  return { lines, log: createLinkLog(() => "tcp://house:8471", { ...silentLog, warn: keep, info: keep }) };
}

test("a silent aggregator is logged with its cause, again when the cause changes, and when it answers", () => {
  const { lines, log } = logged();
  log.unreachable("no route to host", "check the network");
  log.unreachable("no route to host", "check the network");
  assert.deepEqual(lines, []);
  log.silent();
  log.silent();
  log.unreachable("no route to host", "check the network");
  log.unreachable("nothing listens there", "start it");
  log.answered(3);
  assert.deepEqual(lines, [
    "no aggregator answers at tcp://house:8471 (no route to host): readings are kept here, check the network",
    "no aggregator answers at tcp://house:8471 (nothing listens there): readings are kept here, start it",
    "the aggregator answers again: 3 readings to deliver",
  ]);
});

test("a refusal is logged at once and alone", () => {
  const { lines, log } = logged();
  for (let count = 0; count < 3; count += 1) log.refused("this host is not known", "run bmsctl join");
  log.silent();
  assert.deepEqual(lines, ["this host is not known: readings are kept here and not sent to it; run bmsctl join"]);
});

test("a meter of another host is logged once, with the command that moves it", () => {
  const { lines, log } = logged();
  for (let count = 0; count < 3; count += 1)
    log.refusedMeter({ meter: "main bank" }, { run: "1", host: "shed", owner: "local" });
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /belongs to the host local: .* sudo bmsctl hosts move 'main bank' shed on the agg/);
});
