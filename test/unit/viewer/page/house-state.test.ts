import assert from "node:assert/strict";
import { test } from "node:test";
import type { HouseView, MeterView } from "../../../../viewer/model/views.ts";
import { applyEvent, EVENT_NAMES, type HouseEvent, timeOf } from "../../../../viewer/page/house-state.ts";

const AT = 1_700_000_000_000;
const meter = (name: string, volts: number): MeterView => ({
  meter: name,
  device: "A4:C1:37:00:00:01",
  driver: "jbd",
  state: "live",
  since: AT,
  sample: { volts },
  conditions: [],
});
const HOUSE: HouseView = {
  version: 1,
  at: AT,
  feed: { state: "live", since: AT },
  meters: [meter("a", 12), meter("c", 13)],
  health: { agents: [] },
  alerts: [],
  history: { kind: "memory" },
};
const EVENTS: readonly HouseEvent[] = [
  { name: "house", data: HOUSE },
  { name: "meter", data: meter("b", 14) },
  {
    name: "health",
    data: { agents: [], aggregator: { state: "silent", at: AT, readings: 1, outputs: [], rejected: 0 } },
  },
  { name: "feed", data: { state: "away", since: AT } },
  { name: "alerts", data: [{ id: "1", rule: "silent", text: "a: silent", severity: "warning", since: AT }] },
  { name: "history", data: { kind: "disk" } },
  { name: "tick", data: { at: AT + 1 } },
];

test("every event has an example here", () => {
  assert.deepEqual(EVENTS.map(({ name }) => name).sort(), [...EVENT_NAMES].sort());
});

test("nothing is shown before the whole house", () => {
  for (const event of EVENTS.slice(1)) assert.equal(applyEvent(undefined, event), undefined, event.name);
});

test("an event replaces its part and leaves the others", () => {
  for (const event of EVENTS.slice(2, -1)) {
    const after = applyEvent(HOUSE, event);
    assert.deepEqual(after, { ...HOUSE, [event.name]: event.data }, event.name);
  }
  assert.equal(applyEvent(HOUSE, { name: "tick", data: { at: AT } }), HOUSE);
});

test("a meter takes its place by name", () => {
  const added = applyEvent(HOUSE, { name: "meter", data: meter("b", 14) });
  assert.deepEqual(
    added?.meters.map(({ meter: name }) => name),
    ["a", "b", "c"],
  );
  const replaced = applyEvent(added, { name: "meter", data: meter("b", 15) });
  assert.deepEqual(
    replaced?.meters.map(({ sample }) => sample.volts),
    [12, 15, 13],
  );
});

test("the viewer's time is in house and tick only", () => {
  assert.deepEqual(
    EVENTS.filter((event) => timeOf(event) !== undefined).map(({ name }) => name),
    ["house", "tick"],
  );
});
