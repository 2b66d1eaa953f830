import assert from "node:assert/strict";
import { test } from "node:test";
import { balanceLine, deliveredReadings, isComplete } from "../../../../simulator/demo/balance.ts";

const row = (polls: number, online = "1") => ({
  meter: "house",
  time: String(polls * 1000),
  polls: String(polls),
  online,
});
const ROWS = [row(1), row(2), row(3, "0"), row(4)];

test("readings with a measurement are counted once each", () => {
  const of = {
    printed: new Set([...ROWS, ROWS[0]].flatMap((each) => each ?? [])),
    accepted: undefined,
    hasSocket: false,
  };
  assert.equal(deliveredReadings({ rows: [...ROWS, ROWS[0] ?? row(1)], ...of }), 3);
});

test("a row that stdout has refused is not delivered", () => {
  const printed = new Set(ROWS.slice(0, 1));
  assert.equal(deliveredReadings({ rows: ROWS, printed, accepted: undefined, hasSocket: false }), 1);
});

test("for a socket only the polls count that it has accepted", () => {
  const count = (accepted: number | undefined) =>
    deliveredReadings({ rows: ROWS, printed: undefined, accepted, hasSocket: true });
  assert.deepEqual([count(0), count(2), count(3), count(4), count(undefined)], [0, 2, 2, 3, undefined]);
});

test("nothing is claimed that is not known", () => {
  assert.equal(balanceLine([{ taken: 3, delivered: 3 }], "stdout"), "3 readings taken, 3 delivered to stdout, 0 lost");
  assert.equal(balanceLine([{ taken: 1, delivered: 1 }], "stdout"), "1 reading taken, 1 delivered to stdout, 0 lost");
  assert.equal(
    balanceLine(
      [
        { taken: 3, delivered: 3 },
        { taken: 2, delivered: undefined },
      ],
      "unix:///t",
    ),
    "5 readings taken; how many reached unix:///t is not known",
  );
  assert.equal(isComplete([{ taken: 3, delivered: undefined }]), false);
  assert.equal(isComplete([{ taken: 3, delivered: 2 }]), false);
  assert.equal(isComplete([{ taken: 3, delivered: 3 }]), true);
});
