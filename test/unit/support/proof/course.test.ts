import assert from "node:assert/strict";
import { test } from "node:test";
import { type Act, course } from "../../../support/proof/course.ts";

const AGENTS = ["m1", "m2", "m3", "m4"];

function acts(seed: string, count: number): Act[] {
  const all = course(seed, { agents: AGENTS, disk: "disk" }, 300_000);
  return Array.from({ length: count }, () => all.next().value as Act);
}

test("the same seed gives the same course, another one another", () => {
  assert.deepEqual(acts("1", 50), acts("1", 50));
  assert.notDeepEqual(acts("1", 50), acts("2", 50));
});

test("nothing is hit twice in one act, and something is in each", () => {
  for (const { blows } of acts("3", 500)) {
    assert.ok(blows.length > 0);
    assert.equal(new Set(blows.map(({ who }) => who)).size, blows.length);
  }
});

test("a database is never away while Telegraf is killed: what Telegraf holds then is its own", () => {
  for (const { blows } of acts("4", 500)) {
    const hit = new Set(blows.map(({ who }) => who));
    assert.ok(!(hit.has("database") && hit.has("telegraf")));
  }
});

test("every part is hit in every way, and agent, aggregator and Telegraf in the same instant", () => {
  const all = acts("5", 500);
  const seen = new Set(all.flatMap(({ blows }) => blows.map(({ who, hit }) => `${hit} ${who}`)));
  for (const who of [...AGENTS, "aggregator", "telegraf"]) {
    for (const hit of ["kill", "end", "freeze", "freeze and kill"])
      assert.ok(seen.has(`${hit} ${who}`), `${hit} ${who}`);
  }
  assert.ok(seen.has("end database") && seen.has("fill disk"));
  assert.ok(
    all.some(({ blows }) => {
      const atOnce = blows.filter(({ hit, afterMs }) => hit === "kill" && afterMs === 0).map(({ who }) => who);
      return (
        ["aggregator", "telegraf"].every((who) => atOnce.includes(who)) && atOnce.some((who) => AGENTS.includes(who))
      );
    }),
  );
});
