import assert from "node:assert/strict";
import { test } from "node:test";
import { accountFor, type CapturedRun } from "../../../support/proof/captured.ts";
import type { Stored } from "../../../support/proof/stored.ts";

const run = (volts: readonly number[], wasKilled = false): CapturedRun => ({
  polls: volts.map((value) => ({ volts: value })),
  wasKilled,
});
const row = (time: number, volts?: number): Stored => ({
  meter: "m",
  time,
  values: volts === undefined ? {} : { volts },
  number: undefined,
});

for (const [about, runs, rows, taken, missing, strays] of [
  ["every captured poll is stored", [run([13, 14]), run([15])], [row(1, 13), row(2, 14), row(3, 15)], 3, 0, 0],
  ["rows without an answer belong to no poll", [run([13, 14])], [row(1, 13), row(2), row(3, 14)], 2, 0, 0],
  ["one is missing", [run([13, 14, 15])], [row(1, 13), row(3, 15)], 3, 1, 0],
  ["a killed run may lack its last poll", [run([13, 14], true)], [row(1, 13)], 1, 0, 0],
  ["a killed run may hold its last poll", [run([13, 14], true)], [row(1, 13), row(2, 14)], 2, 0, 0],
  ["a row that is in no capture", [run([13])], [row(1, 13), row(2, 99)], 1, 0, 1],
  ["a row that is stored twice", [run([13])], [row(1, 13), row(2, 13)], 1, 0, 1],
  ["rows in another order", [run([13, 14])], [row(1, 14), row(2, 13)], 2, 1, 1],
] as const) {
  test(about, () => {
    const account = accountFor(new Map([["m", runs]]), rows);
    assert.deepEqual([account.taken, account.missing, account.strays.length], [taken, missing, strays]);
  });
}
