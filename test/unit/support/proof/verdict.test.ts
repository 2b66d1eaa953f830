import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../../../integration/system.ts";
import type { Stored } from "../../../support/proof/stored.ts";
import type { TimelineEvent } from "../../../support/proof/timeline.ts";
import { type Agent, judge } from "../../../support/proof/verdict.ts";

const PERIOD_MS = 200;
/** The simulator logs an answer this long before the time of the row. */
const HANDOVER_MS = 3;
const device = "C0:00:00:00:00:01";

const AGENT: Agent = { meter: "m1", device };
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

function verdict(stored: readonly Stored[], timeline: readonly TimelineEvent[] = [], count = 100) {
  const { violations, timesOffMs: _, ...figures } = judge([AGENT], answers(count), stored, timeline);
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
    expired: 0,
    violations: [],
  });
});

test("an answer in an agent that is frozen for longer than it waits is not taken; in a shorter freeze it is lost", () => {
  const frozenFor = (periods: number) => [event(50, "m1", "frozen"), event(50 + periods, "m1", "works")];
  const { taken, expired, violations } = verdict(rows(100, [51]), frozenFor(30));
  assert.deepEqual({ taken, expired, violations }, { taken: 99, expired: 1, violations: [] });
  assert.deepEqual(verdict(rows(100, [51]), frozenFor(20)).violations, lost(51));
  assert.deepEqual(verdict(rows(100, [47]), frozenFor(30)).violations, lost(47));
  assert.deepEqual(
    verdict(
      rows(100, [51]),
      frozenFor(30).map((each) => ({ ...each, component: "m2" })),
    ).violations,
    lost(51),
  );
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
    expired: 0,
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

test("what else is killed with the agent costs nothing more", () => {
  const timeline = [...killed(50, 55, "telegraf"), ...killed(50, 55, "aggregator"), ...killed(52, 53)];
  assert.deepEqual(verdict(rows(100, [52]), timeline).violations, []);
  assert.deepEqual(verdict(rows(100, [50, 51, 52]), timeline).violations, lost(51, 52));
  assert.deepEqual(verdict(rows(100, [56]), timeline).violations, lost(56));
});

test("a row whose time differs too much from that of its answer is a violation", () => {
  const stored = [...rows(100, [7]), row(7, { time: takenAt(7) + 51 })];
  const { timesOffMs, violations } = judge([AGENT], answers(100), stored, [], 50);
  assert.deepEqual([timesOffMs.at(-1), violations.map(({ what }) => what)], [51, ["its row is 51 ms beside it"]]);
  assert.deepEqual(judge([AGENT], answers(100), stored, [], 60).violations, []);
});

test("a number that is missing between two rows of a run is a lost row without an answer", () => {
  const absent = row(4, { values: {}, time: takenAt(4) + 100 });
  const numbered = rows(10).map((_, n) => row(n, { number: n < 5 ? n + 1 : n + 2 }));
  assert.deepEqual(verdict([...numbered, { ...absent, number: 6 }], [], 10), {
    taken: 10,
    delivered: 10,
    absences: 1,
    inFlight: 0,
    expired: 0,
    violations: [],
  });
  assert.deepEqual(verdict(numbered, [], 10).violations, ["1 rows without an answer are missing after it at 4"]);
});
