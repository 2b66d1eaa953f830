import assert from "node:assert/strict";
import { test } from "node:test";
import { fullName, isFullName, isSite, placeOf, underFullName } from "../../../../common/model/site.ts";
import { readingOf } from "../../../support/reading.ts";

for (const [name, is] of [
  ["shed", true],
  ["Boat_2-B", true],
  ["7", true],
  ["a".repeat(64), true],
  ["a".repeat(65), false],
  ["", false],
  ["_shed", false],
  ["-shed", false],
  ["my shed", false],
  ["shed.garden", false],
  ["shed>", false],
  ["*", false],
  ["shed/solar", false],
  ["Küche", false],
  ["shed\n", false],
] as const) {
  test(`${JSON.stringify(name)} is ${is ? "" : "not "}the name of a site`, () => assert.equal(isSite(name), is));
}

for (const [name, place] of [
  ["solar", { meter: "solar" }],
  ["shed/solar", { site: "shed", meter: "solar" }],
  ["shed/A4:C1:37:00:00:01", { site: "shed", meter: "A4:C1:37:00:00:01" }],
] as const) {
  test(`${name} is the full name of a meter, and has its parts`, () => {
    assert.ok(isFullName(name));
    assert.equal(fullName(place), name);
    assert.deepEqual(placeOf(name), place);
  });
}

for (const name of ["", "/", "shed/", "/solar", "shed/garden/solar", "my shed/solar", "shed/ solar"]) {
  test(`${JSON.stringify(name)} is not the full name of a meter`, () => assert.ok(!isFullName(name)));
}

test("a reading of a site has the full name in place of both, any other one stays as it is", () => {
  assert.deepEqual(underFullName(readingOf(1, { site: "shed" })), readingOf(1, { meter: "shed/bms" }));
  assert.deepEqual(underFullName(readingOf(1)), readingOf(1));
});
