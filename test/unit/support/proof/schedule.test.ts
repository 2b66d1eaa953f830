import assert from "node:assert/strict";
import { test } from "node:test";
import { type Step, schedule } from "../../../support/proof/schedule.ts";

const AGENTS = ["m1", "m2", "m3", "m4"];

function steps(seed: string, count: number, agentsFreeze = true): Step[] {
  const all = schedule(seed, { agents: AGENTS, agentsFreeze, disk: "disk" }, 300_000);
  return Array.from({ length: count }, () => all.next().value as Step);
}

test("the same seed gives the same schedule, another seed another", () => {
  assert.deepEqual(steps("1", 50), steps("1", 50));
  assert.notDeepEqual(steps("1", 50), steps("2", 50));
});

test("each step has faults, and no component has two", () => {
  for (const { faults } of steps("3", 500)) {
    assert.ok(faults.length > 0);
    assert.equal(new Set(faults.map(({ component }) => component)).size, faults.length);
  }
});

test("a database is never away while Telegraf is killed: what Telegraf holds then is lost with it", () => {
  for (const { faults } of steps("4", 500)) {
    const faulty = new Set(faults.map(({ component }) => component));
    assert.ok(!(faulty.has("database") && faulty.has("telegraf")));
  }
});

test("every component has faults of every kind, and agent, aggregator and Telegraf are killed at the same time", () => {
  const all = steps("5", 500);
  const seen = new Set(all.flatMap(({ faults }) => faults.map(({ component, kind }) => `${kind} ${component}`)));
  for (const component of [...AGENTS, "aggregator", "telegraf"]) {
    for (const kind of ["kill", "stop", "freeze", "freeze and kill"])
      assert.ok(seen.has(`${kind} ${component}`), `${kind} ${component}`);
  }
  assert.ok(seen.has("stop database") && seen.has("fill disk"));
  assert.ok(
    all.some(({ faults }) => {
      const atOnce = faults
        .filter(({ kind, afterMs }) => kind === "kill" && afterMs === 0)
        .map(({ component }) => component);
      return (
        ["aggregator", "telegraf"].every((component) => atOnce.includes(component)) &&
        atOnce.some((component) => AGENTS.includes(component))
      );
    }),
  );
});

test("agents that must not be frozen are killed and stopped, the others are frozen as well", () => {
  const faults = steps("6", 500, false).flatMap((step) => step.faults);
  const kinds = (isAgent: boolean) =>
    new Set(faults.filter(({ component }) => AGENTS.includes(component) === isAgent).map(({ kind }) => kind));
  assert.deepEqual(kinds(true), new Set(["kill", "stop"]));
  assert.ok(kinds(false).has("freeze"));
});
