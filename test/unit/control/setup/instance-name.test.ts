import assert from "node:assert/strict";
import { test } from "node:test";
import { instanceOf, isInstance, unitOf } from "../../../../control/setup/instance-name.ts";

for (const name of ["solar", "house-bank", "bank_2", "A4:C1:37:00:00:01", "2.0"]) {
  test(`"${name}" names a service and can be read from its name`, () => {
    assert.ok(isInstance(name));
    assert.equal(instanceOf(unitOf(name)), name);
  });
}

for (const name of ["", "-x", "x-", "a/b", "a b", "ä", "a:b", "a4:c1:37:00:00:01", "../x", "a\\x2db", "x".repeat(49)]) {
  test(`${JSON.stringify(name)} cannot name a service`, () => assert.ok(!isInstance(name)));
}

test("other units are not batteries", () => {
  for (const unit of ["bms-aggregator.service", "bms-agent@.service", "bms.target"]) {
    assert.equal(instanceOf(unit), undefined);
  }
});
