import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../../../integration/system.ts";
import type { Promises } from "../../../support/proof/excuse.ts";
import type { Incident } from "../../../support/proof/story.ts";
import { type Agent, judge, type Stored } from "../../../support/proof/verdict.ts";

const PROMISES: Promises = { settledWithinMs: 7_000, spooledWithinMs: 12_000, stuckWithinMs: 13_000 };
const PERIOD_MS = 200;
/** The simulator notes an answer this long before the row's time, ms. */
const HANDOVER_MS = 3;
const device = "C0:00:00:00:00:01";

const agent = (spoolsAlways = false): Agent => ({ meter: "m1", device, spoolsAlways });
const takenAt = (n: number) => 1_000_000 + n * PERIOD_MS;
const answers = (count: number): Answer[] =>
  Array.from({ length: count }, (_, n) => ({ at: takenAt(n), device, register: "v1", sample: { volts: n } }));
const row = (n: number, changed: Partial<Stored> = {}): Stored => ({
  meter: "m1",
  time: takenAt(n) + HANDOVER_MS,
  values: { volts: n },
  number: n + 1,
  ...changed,
});
const rows = (count: number, without: readonly number[] = []) =>
  Array.from({ length: count }, (_, n) => row(n)).filter((_, n) => !without.includes(n));
const incident = (n: number, who: string, what: Incident["what"]): Incident => ({ at: takenAt(n) + 50, who, what });
const killed = (from: number, to: number, who = "m1") => [incident(from, who, "killed"), incident(to, who, "works")];

function verdict(stored: readonly Stored[], story: readonly Incident[] = [], of = agent(), count = 100) {
  const { faults, ...figures } = judge([of], answers(count), stored, story, PROMISES);
  return {
    ...figures,
    faults: faults.map(({ what, time }) => `${what} at ${Math.floor((time - takenAt(0)) / PERIOD_MS)}`),
  };
}
const lost = (...polls: readonly number[]) => polls.map((n) => `lost, and nothing explains it at ${n}`);

test("every poll stored once: nothing to complain of", () => {
  assert.deepEqual(verdict(rows(100)), {
    taken: 100,
    delivered: 100,
    absences: 0,
    inTheHand: 0,
    unsettled: 0,
    faults: [],
  });
});

test("a row that nobody said, and one that is stored under two times, are faults", () => {
  assert.deepEqual(verdict([...rows(100, [5]), row(5, { values: { volts: 77 } })]).faults, [
    'no answer said {"volts":77} at 5',
    ...lost(5),
  ]);
  assert.deepEqual(verdict([...rows(100), row(5, { time: takenAt(5) + 90 })]).faults, ["stored twice at 5"]);
});

test("a row may have a time just before the simulator's note, but not one of long before", () => {
  assert.deepEqual(verdict([...rows(100, [5]), row(5, { time: takenAt(5) - 20 })]).faults, []);
  assert.deepEqual(
    verdict(
      rows(10).map((each) => ({ ...each, time: each.time - 2_000 })),
      [],
      agent(),
      10,
    ).faults.length,
    20,
  );
});

test("what is missing in calm is a fault, though parts died long before and long after", () => {
  const story = [...killed(0, 5, "telegraf"), ...killed(0, 5, "aggregator"), ...killed(90, 95, "telegraf")];
  assert.deepEqual(verdict(rows(100, [50]), story).faults, lost(50));
});

test("a kill of the agent excuses one reading, the last before it", () => {
  const story = killed(50, 51);
  assert.deepEqual(verdict(rows(100, [50]), story), {
    taken: 100,
    delivered: 99,
    absences: 0,
    inTheHand: 1,
    unsettled: 0,
    faults: [],
  });
  assert.deepEqual(verdict(rows(100, [49, 50]), story).faults, lost(50));
  assert.deepEqual(verdict(rows(100, [40]), story).faults, lost(40));
});

test("to be told to end excuses nothing", () => {
  assert.deepEqual(
    verdict(rows(100, [50]), [incident(50, "m1", "told to end"), incident(51, "m1", "works")]).faults,
    lost(50),
  );
});

test("agent and Telegraf killed within the window: what was not settled is excused, what was is not", () => {
  const story = [...killed(50, 55, "telegraf"), ...killed(52, 53)];
  assert.equal(verdict(rows(100, [48, 49, 50, 51, 52]), story).unsettled, 5);
  assert.deepEqual(verdict(rows(100, [5]), story).faults, lost(5));
  assert.deepEqual(verdict(rows(100, [56]), story).faults, lost(56));
});

test("an agent that spools always loses no more than what is in its hand", () => {
  const story = [...killed(50, 55, "telegraf"), ...killed(52, 53)];
  const { inTheHand, unsettled, faults } = verdict(rows(100, [45, 52]), story, agent(true));
  assert.deepEqual({ inTheHand, unsettled, faults }, { inTheHand: 1, unsettled: 0, faults: lost(45) });
});

test("what has waited long enough to be on disk is not excused", () => {
  const story = [...killed(50, 190, "telegraf"), ...killed(180, 181)];
  assert.deepEqual(verdict(rows(200, [55, 150]), story, agent(), 200).faults, lost(55, 150));
});

test("a Telegraf that is only frozen keeps readings off the disk for longer", () => {
  const story = [incident(50, "telegraf", "frozen"), ...killed(150, 151, "telegraf"), ...killed(149, 150)];
  assert.deepEqual(verdict(rows(200, [55]), story, agent(), 200).faults, []);
});

test("a number that is missing between two rows of a run is a row without an answer that was lost", () => {
  const absent = row(4, { values: {}, time: takenAt(4) + 100 });
  const numbered = rows(10).map((_, n) => row(n, { number: n < 5 ? n + 1 : n + 2 }));
  assert.deepEqual(verdict([...numbered, { ...absent, number: 6 }], [], agent(), 10), {
    taken: 10,
    delivered: 10,
    absences: 1,
    inTheHand: 0,
    unsettled: 0,
    faults: [],
  });
  assert.deepEqual(verdict(numbered, [], agent(), 10).faults, ["1 rows without an answer are missing after it at 4"]);
});
