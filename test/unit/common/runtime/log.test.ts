import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, trackProblems } from "../../../../common/runtime/log.ts";

function recorded(isTTY: boolean) {
  const lines: string[] = [];
  return { lines, target: { isTTY, write: (line: string) => lines.push(line) } };
}
const now = () => new Date(2026, 0, 2, 3, 4, 5);

test("off a terminal a line begins with journald's priority", () => {
  const { lines, target } = recorded(false);
  const log = createLog("debug", { name: "solar", target, now });
  log.error("a");
  log.warn("b");
  log.info("c");
  log.debug("d");
  assert.deepEqual(lines, ["<3>solar: a\n", "<4>solar: b\n", "<6>solar: c\n", "<7>solar: d\n"]);
});

test("on a terminal a line begins with the time, and its level from warn on", () => {
  const { lines, target } = recorded(true);
  const log = createLog("info", { target, now });
  log.info("connected");
  log.warn("link lost");
  log.debug("not shown");
  assert.deepEqual(lines, ["03:04:05 connected\n", "03:04:05 WARN link lost\n"]);
});

test("a message of several lines stays one line", () => {
  const { lines, target } = recorded(false);
  createLog("info", { target }).info("first\n  second\r\nthird");
  assert.deepEqual(lines, ["<6>first | second | third\n"]);
});

test("a problem is new until it ends", () => {
  const problems = trackProblems();
  assert.deepEqual([problems.end("full"), problems.begin("full"), problems.begin("full")], [false, true, false]);
  assert.deepEqual([problems.begin("silent"), problems.end("full"), problems.begin("full")], [true, true, true]);
  problems.clear();
  assert.deepEqual([problems.begin("silent"), problems.begin("full")], [true, true]);
});
