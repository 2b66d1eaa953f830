import assert from "node:assert/strict";
import { test } from "node:test";
import { formatFinding } from "../../../../control/doctor/finding.ts";
import { checkHosts, noBattery } from "../../../../control/doctor/hosts.ts";

const LOCAL = { name: "local", meters: 2, readings: 8000 };
const SHED = { name: "shed", connections: 2, connectedSince: 1, meters: 1, readings: 4120 };

for (const [about, shed, expected] of [
  ["connected", SHED, /^OK .*shed: is connected, 4,120 readings\n$/],
  ["away", { ...SHED, connections: 0 }, /^WRONG .*shed: is not connected, .*: check its power/],
  ["slow", { ...SHED, clockAheadMs: -6_400 }, /^OK .*\nWRONG .*shed: has a clock that is 6 s behind this one: set/],
  [
    "fast",
    { ...SHED, clockAheadMs: 7_200_000 },
    /^OK .*\nWRONG .*shed: has a clock that is 2 h ahead of this one: set/,
  ],
] as const) {
  test(`a host that is ${about}`, () => {
    const findings = checkHosts([LOCAL, shed]);
    assert.match(findings.map((finding) => formatFinding(finding)).join(""), expected);
  });
}

test("a house without other hosts has nothing to check", () => assert.deepEqual(checkHosts([]), []));

test("no battery is a fault, unless other hosts deliver", () => {
  assert.equal(formatFinding(noBattery([])), "WRONG  batteries: none is set up: sudo bmsctl add\n");
  assert.equal(
    formatFinding(noBattery(["shed", "barn"])),
    "NOTE   batteries: none is read here, and other hosts deliver (shed, barn)\n",
  );
});
