import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../../../integration/system.ts";
import type { Limits } from "../../../support/proof/allowed-loss.ts";
import type { Stored } from "../../../support/proof/stored.ts";
import type { TimelineEvent } from "../../../support/proof/timeline.ts";
import { type Agent, judge } from "../../../support/proof/verdict.ts";

const LIMITS: Limits = { settledWithinMs: 7_000, spooledWithinMs: 12_000, stuckWithinMs: 13_000 };
const PERIOD_MS = 200;
/** The simulator logs an answer this long before the time of the row. */
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
const event = (n: number, component: string, what: TimelineEvent["what"]): TimelineEvent => ({
  at: takenAt(n) + 50,
  component,
  what,
});
const killed = (from: number, to: number, component = "m1") => [
  event(from, component, "killed"),
  event(to, component, "works"),
];

function verdict(stored: readonly Stored[], timeline: readonly TimelineEvent[] = [], of = agent(), count = 100) {
  const { violations, ...figures } = judge([of], answers(count), stored, timeline, LIMITS);
  return {
    ...figures,
    violations: violations.map(({ what, time }) => `${what} at ${Math.floor((time - takenAt(0)) / PERIOD_MS)}`),
  };
}
const lost = (...polls: readonly number[]) => polls.map((n) => `lost without an allowed reason at ${n}`);

test("every poll stored once: no violation", () => {
  assert.deepEqual(verdict(rows(100)), {
    taken: 100,
    delivered: 100,
    absences: 0,
    inFlight: 0,
    unsettled: 0,
    violations: [],
  });
});

test("a row that no answer held, and one that is stored under two times, are violations", () => {
  assert.deepEqual(verdict([...rows(100, [5]), row(5, { values: { volts: 77 } })]).violations, [
    'no answer held {"volts":77} at 5',
    ...lost(5),
  ]);
  assert.deepEqual(verdict([...rows(100), row(5, { time: takenAt(5) + 90 })]).violations, ["stored twice at 5"]);
});

test("a row may be a little earlier than the logged answer, but not much", () => {
  assert.deepEqual(verdict([...rows(100, [5]), row(5, { time: takenAt(5) - 20 })]).violations, []);
  assert.deepEqual(
    verdict(
      rows(10).map((each) => ({ ...each, time: each.time - 2_000 })),
      [],
      agent(),
      10,
    ).violations.length,
    20,
  );
});

test("a loss while everything works is a violation, despite outages long before and after", () => {
  const timeline = [...killed(0, 5, "telegraf"), ...killed(0, 5, "aggregator"), ...killed(90, 95, "telegraf")];
  assert.deepEqual(verdict(rows(100, [50]), timeline).violations, lost(50));
});

test("a kill of the agent allows the loss of one reading, the last before it", () => {
  const timeline = killed(50, 51);
  assert.deepEqual(verdict(rows(100, [50]), timeline), {
    taken: 100,
    delivered: 99,
    absences: 0,
    inFlight: 1,
    unsettled: 0,
    violations: [],
  });
  assert.deepEqual(verdict(rows(100, [49, 50]), timeline).violations, lost(50));
  assert.deepEqual(verdict(rows(100, [40]), timeline).violations, lost(40));
});

test("a stopped agent may lose nothing", () => {
  assert.deepEqual(
    verdict(rows(100, [50]), [event(50, "m1", "stopped"), event(51, "m1", "works")]).violations,
    lost(50),
  );
});

test("agent and Telegraf killed within the window: only unsettled readings may be lost", () => {
  const timeline = [...killed(50, 55, "telegraf"), ...killed(52, 53)];
  assert.equal(verdict(rows(100, [48, 49, 50, 51, 52]), timeline).unsettled, 5);
  assert.deepEqual(verdict(rows(100, [5]), timeline).violations, lost(5));
  assert.deepEqual(verdict(rows(100, [56]), timeline).violations, lost(56));
});

test("an agent that always spools loses at most the reading in flight", () => {
  const timeline = [...killed(50, 55, "telegraf"), ...killed(52, 53)];
  const { inFlight, unsettled, violations } = verdict(rows(100, [45, 52]), timeline, agent(true));
  assert.deepEqual({ inFlight, unsettled, violations }, { inFlight: 1, unsettled: 0, violations: lost(45) });
});

test("readings that waited long enough to be on disk may not be lost", () => {
  const timeline = [...killed(50, 190, "telegraf"), ...killed(180, 181)];
  assert.deepEqual(verdict(rows(200, [55, 150]), timeline, agent(), 200).violations, lost(55, 150));
});

test("a Telegraf that is only frozen keeps readings off the disk for longer", () => {
  const timeline = [event(50, "telegraf", "frozen"), ...killed(150, 151, "telegraf"), ...killed(149, 150)];
  assert.deepEqual(verdict(rows(200, [55]), timeline, agent(), 200).violations, []);
});

test("a number that is missing between two rows of a run is a lost row without an answer", () => {
  const absent = row(4, { values: {}, time: takenAt(4) + 100 });
  const numbered = rows(10).map((_, n) => row(n, { number: n < 5 ? n + 1 : n + 2 }));
  assert.deepEqual(verdict([...numbered, { ...absent, number: 6 }], [], agent(), 10), {
    taken: 10,
    delivered: 10,
    absences: 1,
    inFlight: 0,
    unsettled: 0,
    violations: [],
  });
  assert.deepEqual(verdict(numbered, [], agent(), 10).violations, [
    "1 rows without an answer are missing after it at 4",
  ]);
});
