import assert from "node:assert/strict";
import { test } from "node:test";
import type { Row } from "../../simulator/csv-rows.ts";
import type { DayView, LifetimeView } from "../../viewer/model/views.ts";
import { createSystem } from "./system.ts";

const HOUSE = "A4:C1:37:00:00:01";
const ROWS = 25;
const HOUR_MS = 3_600_000;

const numbers = (rows: readonly Row[], column: string) => rows.map((row) => Number(row[column]));

/** Integral over the rows that the aggregator printed, in thin slices, one sign of the flow at a time. */
function integral(rows: readonly Row[], column: "watts" | "amps", sign: 1 | -1): number {
  const [times, flows] = [numbers(rows, "time"), numbers(rows, column)];
  const slices = 1_000;
  let sum = 0;
  for (let i = 1; i < rows.length; i += 1) {
    const [from = 0, to = 0, start = 0, end = 0] = [times[i - 1], times[i], flows[i - 1], flows[i]];
    for (let slice = 0.5; slice < slices; slice += 1) {
      sum += (Math.max(0, sign * (start + ((end - start) * slice) / slices)) * (to - from)) / slices / HOUR_MS;
    }
  }
  return sum;
}

test("energy and lifetime figures of the interface are those of the rows that the aggregator prints", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  await system.startAggregator();
  const viewer = await system.startViewer();
  await viewer.until("a live feed", ({ feed }) => feed.state !== "away");
  const agent = system.startAgent("house", HOUSE, "-i", "0.2");
  await system.until(() => system.measured("house").length >= ROWS);
  await agent.stop("SIGTERM");
  const rows = system.measured("house");
  const last = Number(rows.at(-1)?.time);
  await viewer.until("the last row", ({ meters }) => meters[0]?.measuredAt === last);
  assert.equal(rows.length, system.rows("house").length, "no row was offline");

  const ask = async (path: string) => (await fetch(`${viewer.url}/api/v1/${path}`)).json();
  // Two days: midnight may have passed.
  const { days } = (await ask("energy?meter=house&days=2")) as { days: readonly DayView[] };
  const lifetime = (await ask("lifetime?meter=house")) as LifetimeView;
  const [chargedWh, dischargedWh] = [integral(rows, "watts", 1), integral(rows, "watts", -1)];
  const sumOf = (key: "chargedKwh" | "dischargedKwh") => days.reduce((sum, day) => sum + day[key], 0);
  for (const [about, actual, expected] of [
    ["Wh in of the days", 1000 * sumOf("chargedKwh"), chargedWh],
    ["Wh out of the days", 1000 * sumOf("dischargedKwh"), dischargedWh],
    ["Wh in of the lifetime", 1000 * lifetime.chargedKwh, chargedWh],
    ["Wh out of the lifetime", 1000 * lifetime.dischargedKwh, dischargedWh],
    ["Ah out of the lifetime", lifetime.dischargedAh, integral(rows, "amps", -1)],
  ] as const) {
    assert.ok(Math.abs(actual - expected) <= 1e-3 * expected + 1e-5, `${about}: ${actual}, by the rows ${expected}`);
  }
  assert.ok(chargedWh + dischargedWh > 0, "something flows");
  assert.ok(days.some(({ observed }) => observed > 0));
  assert.deepEqual(
    [lifetime.lowestVolts, lifetime.highestVolts, lifetime.lowestCell?.millivolts, lifetime.highestCell?.millivolts],
    [
      Math.min(...numbers(rows, "volts")),
      Math.max(...numbers(rows, "volts")),
      Math.min(...numbers(rows, "cellmin")),
      Math.max(...numbers(rows, "cellmax")),
    ],
  );
});
