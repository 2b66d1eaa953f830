import assert from "node:assert/strict";
import { test } from "node:test";
import { createRows } from "../../../system/lab/guest/rows.ts";

function rowsOf(csv: string) {
  const rows = createRows();
  for (const line of csv.split("\n")) rows.add(line);
  return rows;
}

test("each document has its own header", () => {
  const rows = rowsOf("meter,time,volts\na,1,13.20\n\nmeter,time,percent,online\nb,2,50.0,1\nb,3,51.0,1\n");
  assert.deepEqual(rows.all, [
    { meter: "a", time: 1, values: { volts: 13.2 } },
    { meter: "b", time: 2, values: { percent: 50, online: 1 } },
    { meter: "b", time: 3, values: { percent: 51, online: 1 } },
  ]);
});

test("an absent value is absent, not zero", () => {
  assert.deepEqual(rowsOf("meter,time,volts,amps\na,1,,2\n").all[0]?.values, { amps: 2 });
});

test("polls are counted by the agent: a row that never arrived counts as lost", () => {
  const rows = rowsOf("meter,time,online,polls\na,10,1,5\na,20,0,6\na,40,1,8\nb,40,1,1\n");
  assert.deepEqual(rows.countSince("a", 0), { asked: 4, answered: 2 });
  assert.deepEqual(rows.countSince("a", 20), { asked: 3, answered: 1 });
  assert.deepEqual(rows.countSince("nobody", 0), { asked: 0, answered: 0 });
});

test("answers are rows with a sample", () => {
  const rows = rowsOf("meter,time,online\na,10,1\na,20,0\na,30,1\n");
  assert.deepEqual(
    rows.answersSince("a", 20).map(({ time }) => time),
    [30],
  );
});
