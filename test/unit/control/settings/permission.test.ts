import assert from "node:assert/strict";
import { test } from "node:test";
import { requireWriter } from "../../../../control/settings/permission.ts";

const GROUPS = "root:x:0:\nbms:x:990:\nbms-settings-of-others:x:7:\nbms-settings:x:991:anna\n";

test("root and members of the group may write", () => {
  requireWriter({ uid: 0, groups: [] }, "");
  requireWriter({ uid: 1000, groups: [1000, 991] }, GROUPS);
});

for (const [about, groups, file] of [
  ["a member of other groups", [7, 990], GROUPS],
  ["anybody where the group does not exist", [991], "root:x:0:\n"],
] as const) {
  test(`${about} may not`, () => {
    assert.throws(() => requireWriter({ uid: 1000, groups }, file), /only root and members of the group bms-settings/);
  });
}
