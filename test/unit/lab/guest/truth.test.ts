import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../../../integration/system.ts";
import type { Row } from "../../../system/lab/guest/rows.ts";
import { wrongRows } from "../../../system/lab/guest/truth.ts";

const PACK = "A4:C1:37:00:00:01";
const answer = (at: number, register: string, sample: Answer["sample"], fault?: string): Answer => ({
  at,
  device: PACK,
  register,
  sample,
  ...(fault !== undefined && { fault }),
});
const row = (time: number, values: Row["values"]): Row => ({ meter: "pack", time, values: { online: 1, ...values } });

const ANSWERS = [
  answer(1_000, "settings", { capacity: 100 }),
  answer(1_100, "pack", { volts: 13, amps: 1 }),
  answer(1_200, "cells", { cell1: 3300 }),
  answer(2_900, "pack", { volts: 14, amps: 2 }),
  answer(3_100, "pack", { volts: 15, amps: 3 }),
  answer(3_200, "cells", { cell1: 3400 }),
  answer(3_250, "cells", { cell1: 3500 }, "flip"),
];
const FIRST = row(1_250, { capacity: 100, volts: 13, amps: 1, cell1: 3300 });

const rows: [about: string, values: Row["values"], isRight: boolean][] = [
  ["either of two answers, and what was answered earlier", { capacity: 100, volts: 14, amps: 2, cell1: 3400 }, true],
  ["the later of two answers", { capacity: 100, volts: 15, amps: 3, cell1: 3400 }, true],
  ["a mixture of two answers", { capacity: 100, volts: 14, amps: 3, cell1: 3400 }, false],
  ["an answer before the last row", { capacity: 100, volts: 15, amps: 3, cell1: 3300 }, false],
  ["an answer that did not arrive intact", { capacity: 100, volts: 15, amps: 3, cell1: 3500 }, false],
  ["a value that is missing", { volts: 15, amps: 3, cell1: 3400 }, false],
  ["a value that no answer has", { capacity: 100, volts: 15, amps: 3, cell1: 3400, cell2: 3300 }, false],
];
for (const [about, values, isRight] of rows) {
  test(`a row that holds ${about} is ${isRight ? "right" : "wrong"}`, () => {
    const second = row(3_150, values);
    assert.deepEqual(wrongRows([FIRST, second], ANSWERS), isRight ? [] : [second]);
  });
}

test("a row without any answer since the one before is wrong", () => {
  const again = { ...FIRST, time: 1_900 };
  assert.deepEqual(wrongRows([FIRST, again], ANSWERS), [again]);
});
