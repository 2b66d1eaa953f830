import assert from "node:assert/strict";
import { test } from "node:test";
import { compareReadings } from "../../../system/lab/guest/compare.ts";

const row = (time: number, values: Record<string, number>) => ({ meter: "a", time, values });
const answer = (at: number, register: string, sample: Record<string, number>) => ({ at, device: "", register, sample });

test("a row holds the answers of all registers, in the decimals of their columns", () => {
  const rows = [row(10, { volts: 13.201, cell1: 3300, polls: 1 })];
  const answers = [answer(5, "03", { volts: 13.2012 }), answer(9, "04", { cell1: 3300 })];
  assert.deepEqual(compareReadings(rows, answers), { equal: 1, repeated: 0, differences: [] });
});

test("of two answers to one poll the row may hold either, and the other is counted", () => {
  const answers = [answer(5, "03", { volts: 13 }), answer(6, "03", { volts: 14 })];
  for (const volts of [13, 14]) {
    assert.deepEqual(compareReadings([row(10, { volts })], answers), { equal: 1, repeated: 1, differences: [] });
  }
});

test("an answer that is logged just after its row does not belong to the next row", () => {
  const rows = [row(1_000, { volts: 13, cell1: 3300 }), row(2_000, { volts: 14, cell1: 3301 })];
  const first = [answer(990, "03", { volts: 13 }), answer(1_014, "04", { cell1: 3300 })];
  const second = [answer(1_990, "03", { volts: 14 }), answer(1_999, "04", { cell1: 3301 })];
  assert.deepEqual(compareReadings(rows, [...first, ...second]), { equal: 2, repeated: 0, differences: [] });
});

const wrong: [about: string, rows: ReturnType<typeof row>[], answers: ReturnType<typeof answer>[]][] = [
  ["another value", [row(10, { volts: 13 })], [answer(5, "03", { volts: 14 })]],
  ["a value that is absent", [row(10, {})], [answer(5, "03", { volts: 14 })]],
  ["an answer of the poll before", [row(4, { volts: 1 }), row(10, { volts: 1 })], [answer(3, "03", { volts: 1 })]],
  ["a missing register", [row(10, { volts: 1 })], [answer(3, "03", { volts: 1 }), answer(4, "04", { cell1: 2 })]],
  [
    "halves of two answers",
    [row(10, { volts: 1, amps: 2 })],
    [answer(3, "03", { volts: 1, amps: 1 }), answer(4, "03", { volts: 2, amps: 2 })],
  ],
];
for (const [about, rows, answers] of wrong) {
  test(`a wrong row is found: ${about}`, () => {
    assert.equal(compareReadings(rows, answers).differences.length, 1);
  });
}
