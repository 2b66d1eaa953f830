import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openCaptureFile } from "../../../../agent/capture/file.ts";
import { createLog, silentLog } from "../../../../common/runtime/log.ts";
import { UsageError } from "../../../../common/runtime/usage-error.ts";

const RECORD = { at: 1000, op: "disconnect" } as const;
const LINE = '{"at":1000,"op":"disconnect"}\n';

function inFolder(run: (path: string) => void) {
  const folder = mkdtempSync(join(tmpdir(), "bms-capture-"));
  try {
    run(join(folder, "capture.jsonl"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a record is in the file when the call returns; the file is appended to", () => {
  inFolder((path) => {
    const record = openCaptureFile(path, silentLog);
    record(RECORD);
    assert.equal(readFileSync(path, "utf8"), LINE);
    record(RECORD);
    openCaptureFile(path, silentLog)(RECORD);
    assert.equal(readFileSync(path, "utf8"), LINE.repeat(3));
  });
});

for (const [about, before, after] of [
  ["a line that was cut off is taken away", `${LINE}{"at":10`, LINE],
  ["a whole line without its end gets one", LINE.trimEnd(), LINE],
] as const) {
  test(`${about} before more is appended`, () => {
    inFolder((path) => {
      writeFileSync(path, before);
      openCaptureFile(path, silentLog)(RECORD);
      assert.equal(readFileSync(path, "utf8"), after + LINE);
    });
  });
}

test("a file that cannot be written, or is not a capture, is refused and left as it is", () => {
  inFolder((path) => {
    writeFileSync(path, "PIN=123456\n");
    assert.throws(
      () => openCaptureFile(path, silentLog),
      (error) => error instanceof UsageError && /it is not a capture.*choose/.test(error.message),
    );
    assert.equal(readFileSync(path, "utf8"), "PIN=123456\n");
    assert.throws(
      () => openCaptureFile(join(path, "below"), silentLog),
      (error) => error instanceof UsageError && /ENOTDIR.*choose/.test(error.message),
    );
  });
});

test("a full disk ends the capture with one line in the log, and nothing else", () => {
  const logged: string[] = [];
  const log = createLog("info", { target: { format: "journal", write: (line: string) => logged.push(line) } });
  const record = openCaptureFile("/dev/full", log);
  record(RECORD);
  record(RECORD);
  assert.equal(logged.length, 1);
  assert.match(logged[0] ?? "", /^<3>the capture \/dev\/full ends here \(ENOSPC.*make room/);
});

test("a file ends at its bound with a whole line and one log line, also when it is appended to", () => {
  inFolder((path) => {
    const lines: string[] = [];
    const log = createLog("info", { target: { format: "journal", write: (line: string) => lines.push(line) } });
    const record = openCaptureFile(path, log, 100);
    for (let i = 0; i < 10; i++) record(RECORD);
    assert.equal(readFileSync(path, "utf8"), LINE.repeat(3));
    openCaptureFile(path, log, 100)(RECORD);
    assert.equal(readFileSync(path, "utf8"), LINE.repeat(3));
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? "", /ends here \(it has reached .* MiB\): give a new file to capture more/);
  });
});
