import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { countRestart, GOOD_RUN_MS, restartDelayMs } from "../../../../common/systemd/restart-delay.ts";

function inFolder(check: (folder: string) => void) {
  const folder = mkdtempSync(join(tmpdir(), "bms-pace-"));
  try {
    check(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a few restarts are free, then the delay doubles up to a minute", () => {
  const delays = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1000].map(restartDelayMs);
  assert.deepEqual(delays, [0, 0, 0, 0, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test("runs that die one after the other are counted", () => {
  inFolder((folder) => {
    const died = [0, 1, 2, 3, 4].map((run) => countRestart(folder, 5000 + run * 2000).died);
    assert.deepEqual(died, [0, 1, 2, 3, 4]);
  });
});

test("a run that lived long enough clears the count", () => {
  inFolder((folder) => {
    countRestart(folder, 0);
    assert.equal(countRestart(folder, 1000).died, 1);
    assert.equal(countRestart(folder, 1000 + GOOD_RUN_MS).died, 0);
  });
});

test("a run that was ended in order does not count", () => {
  inFolder((folder) => {
    countRestart(folder, 0);
    countRestart(folder, 1000).forget();
    assert.equal(countRestart(folder, 2000).died, 0);
  });
});

test("what is no count of ours counts as none", () => {
  inFolder((folder) => {
    writeFileSync(join(folder, "restarts"), "7 1000");
    assert.equal(countRestart(folder, 2000).died, 0);
  });
});

test("without a folder, or without the right to write there, nothing waits", () => {
  for (const folder of [undefined, "/proc/nowhere"]) {
    const pace = countRestart(folder, 1000);
    assert.equal(pace.delayMs, 0);
    pace.forget();
  }
});
