import assert from "node:assert/strict";
import { test } from "node:test";
import { driverOption, requireFree } from "../../../../control/commands/add.ts";
import type { Battery } from "../../../../control/setup/batteries.ts";
import { unitState } from "../../../support/fake-systemd.ts";

const solar: Battery = {
  name: "solar",
  address: "C0:00:00:00:00:01",
  service: unitState(),
  status: undefined,
  isReleased: false,
};

test("an address that is set up is refused, with the name of its battery, also while it is released", () => {
  const expected = /^UsageError: C0:00:00:00:00:01 is set up already as solar: .*sudo bmsctl remove solar/;
  for (const battery of [solar, { ...solar, isReleased: true, service: unitState({ active: "inactive" }) }])
    assert.throws(() => requireFree("C0:00:00:00:00:01", [battery]), expected);
});

test("any other address is accepted", () => {
  requireFree("C0:00:00:00:00:02", [solar, { ...solar, name: "unreadable", address: undefined }]);
});

test("the driver is written for a device that is only listened to, and for the one that was named", () => {
  const listening = { name: "listening", about: "", identify: [], decodeAdvertisement: () => undefined };
  const connecting = { ...listening, name: "connecting", open: () => Promise.reject(new Error("not used")) };
  assert.equal(driverOption("auto", listening), "listening");
  assert.equal(driverOption("auto", connecting), "auto");
  assert.equal(driverOption("auto", undefined), "auto");
  assert.equal(driverOption("jbd", listening), "jbd");
});
