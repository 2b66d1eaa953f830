import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { LINK_LOST } from "../../../../simulator/peripheral.ts";
import { connectCentral } from "../../../support/simulated-central.ts";

const ENTER = "dd5a00025678ff3077";
const SAVE = "dd5a01022828ffad77";
const READ_LIMIT = "dda52400ffdc77";
const WRITE_LIMIT = "dd5a24020e10ffbc77";
const WRITE_RELEASE = "dd5a25020d48ff8477";
const FACTORY = "dd2400020e42ffae77";
const WRITTEN = "dd2400020e10ffe077";
const ACKNOWLEDGED = "dd240000000077";

/** Fault, the requests in factory mode, and the last of their answers. */
const CASES: readonly [fault: string, requests: readonly string[], last: readonly string[]][] = [
  ["no-effect", [WRITE_LIMIT], [ACKNOWLEDGED]],
  ["no-effect", [WRITE_LIMIT, READ_LIMIT], [FACTORY]],
  ["no-effect:register=25", [WRITE_LIMIT, READ_LIMIT], [WRITTEN]],
  ["wrong-write", [WRITE_LIMIT], [ACKNOWLEDGED]],
  ["wrong-write:by=2", [WRITE_LIMIT, READ_LIMIT], ["dd2400020e12ffde77"]],
  ["changing-value", [READ_LIMIT], ["dd2400020e43ffad77"]],
  ["changing-value:skip=1,times=1", [READ_LIMIT], [FACTORY]],
  ["changing-value:skip=1,times=1", [READ_LIMIT, READ_LIMIT], ["dd2400020e43ffad77"]],
  ["changing-value:skip=1,times=1", [READ_LIMIT, READ_LIMIT, READ_LIMIT], [FACTORY]],
  ["changing-value", [WRITE_LIMIT], [ACKNOWLEDGED]],
  ["wrong-sum", [WRITE_LIMIT], ["dd240000ffff77"]],
  ["wrong-sum", [READ_LIMIT], [FACTORY]],
];
for (const [fault, requests, last] of CASES) {
  test(`${fault}: the answer to request ${requests.length}`, async () => {
    const { request, simulator } = connectCentral(virtualClock(), { kind: "jbd4" });
    await request(ENTER);
    simulator.set("all", fault);
    let answers: readonly string[] = [];
    for (const bytes of requests) answers = await request(bytes);
    assert.deepEqual(answers, last);
  });
}

test("not-allowed: another answer outside factory mode, and none of it inside", async () => {
  for (const [fault, expected] of [
    ["not-allowed", ["dd248000ff8077"]],
    ["not-allowed:answer=83", ["dd248300ff7d77"]],
    ["not-allowed:answer=silence", []],
  ] as const) {
    const { request } = connectCentral(virtualClock(), { kind: "jbd4", faults: [fault] });
    assert.deepEqual(await request(READ_LIMIT), expected);
    await request(ENTER);
    assert.deepEqual(await request(READ_LIMIT), [FACTORY]);
  }
});

const CUTS: readonly [fault: string, working: string, stored: string][] = [
  ["power-cut:register=24", "0e42", "0e42"],
  ["power-cut:register=24,at=answer", "0e42", "0e42"],
  ["power-cut:register=01", "0e42", "0e42"],
  ["power-cut:register=01,at=answer", "0e10", "0e10"],
  ["power-cut:register=01,at=answer,saved=0", "0e42", "0e42"],
  ["power-cut:register=01,at=answer,saved=1", "0e10", "0e10"],
];
for (const [fault, working, stored] of CUTS) {
  test(`${fault}: the link is lost, and the pack has ${working}`, async () => {
    const { request, simulator, ended } = connectCentral(virtualClock(), { kind: "jbd4", faults: [fault] });
    for (const bytes of [ENTER, WRITE_LIMIT, WRITE_RELEASE, SAVE]) await request(bytes);
    assert.deepEqual(ended, [LINK_LOST]);
    const [memory] = simulator.memory("all").values();
    assert.deepEqual([memory?.working["24"], memory?.stored["24"]], [working, stored]);
    assert.equal(memory?.isInFactoryMode, false);
    if (fault.endsWith("saved=1")) assert.equal(memory?.stored["25"], "0dac", "torn: the release was not saved");
  });
}
