import assert from "node:assert/strict";
import { closeSync, fstatSync, openSync } from "node:fs";
import { test } from "node:test";
import { createLog, isJournal, type LogFormat, trackProblems } from "../../../../common/runtime/log.ts";

function recorded(format: LogFormat) {
  const lines: string[] = [];
  return { lines, target: { format, write: (line: string) => lines.push(line) } };
}
const now = () => new Date(2026, 0, 2, 3, 4, 5);

test("in the journal a line begins with journald's priority", () => {
  const { lines, target } = recorded("journal");
  const log = createLog("debug", { name: "solar", target, now });
  log.error("a");
  log.warn("b");
  log.info("c");
  log.debug("d");
  assert.deepEqual(lines, ["<3>solar: a\n", "<4>solar: b\n", "<6>solar: c\n", "<7>solar: d\n"]);
});

test("on a terminal a line begins with the time, and its level from warn on", () => {
  const { lines, target } = recorded("terminal");
  const log = createLog("info", { target, now });
  log.info("connected");
  log.warn("link lost");
  log.debug("not shown");
  assert.deepEqual(lines, ["03:04:05 connected\n", "03:04:05 WARN link lost\n"]);
});

test("in a file or a pipe a line begins with date and time, and has no priority of journald", () => {
  const { lines, target } = recorded("file");
  const log = createLog("info", { target, now });
  log.info("connected");
  log.error("cannot go on");
  assert.deepEqual(lines, ["2026-01-02 03:04:05 connected\n", "2026-01-02 03:04:05 ERROR cannot go on\n"]);
});

test("stderr is the journal only if it is the stream that $JOURNAL_STREAM names", () => {
  const descriptor = openSync("/dev/null", "w");
  const { dev, ino } = fstatSync(descriptor, { bigint: true });
  assert.deepEqual(
    [`${dev}:${ino}`, `${dev}:${ino + 1n}`, `${dev + 1n}:${ino}`, "", undefined, "nonsense"].map((stream) =>
      isJournal(stream, descriptor),
    ),
    [true, false, false, false, false, false],
  );
  closeSync(descriptor);
  assert.equal(isJournal(`${dev}:${ino}`, descriptor), false);
});

test("a message of several lines stays one line", () => {
  const { lines, target } = recorded("journal");
  createLog("info", { target }).info("first\n  second\r\nthird");
  assert.deepEqual(lines, ["<6>first | second | third\n"]);
});

test("a message cannot control the terminal, nor can a name", () => {
  const { lines, target } = recorded("terminal");
  createLog("info", { name: "so\u202elar", target, now }).info("a\u001b[2J b\u009b c\u200b d\r");
  assert.deepEqual(lines, ["03:04:05 so\\u202elar: a\\u001b[2J b\\u009b c\\u200b d\\u000d\n"]);
});

test("a problem is new until it ends", () => {
  const problems = trackProblems();
  assert.deepEqual([problems.end("full"), problems.begin("full"), problems.begin("full")], [false, true, false]);
  assert.deepEqual([problems.begin("silent"), problems.end("full"), problems.begin("full")], [true, true, true]);
  problems.clear();
  assert.deepEqual([problems.begin("silent"), problems.begin("full")], [true, true]);
});
