import assert from "node:assert/strict";
import { test } from "node:test";
import { changedText, countersText } from "../../../../control/settings/change-text.ts";

const FILE = "/var/lib/bms/settings/house/2026-11-27T19-30-27Z.toml";

test("a pack between old and new is one paragraph with registers, file and command", () => {
  const left = [
    { register: 0x24, old: Uint8Array.of(0x0e, 0x42), found: Uint8Array.of(0x0e, 0x10) },
    { register: 0x3d, old: Uint8Array.of(0x02, 0x02) },
  ];
  const error = new Error("the link was lost");
  assert.equal(
    changedText("house", { kind: "between", error, left, file: FILE }),
    `
*** house IS BETWEEN ITS OLD AND ITS NEW SETTINGS ***
  the link was lost
  These could not be put back:
    cell over-voltage (0x24): 0e42 before, 0e10 now
    cell under-voltage delay and cell over-voltage delay (0x3d): 0202 before, now not known
  The whole state before is in ${FILE}
  As soon as the pack can be reached: sudo bmsctl settings apply ${FILE} house --write
`,
  );
});

test("the counters that storing clears are shown, those that have counted", () => {
  assert.match(countersText({ ovp: 2, uvp: 0, restarts: 1 }), /now: cell over-voltage protection 2, restarts 1\.$/);
  assert.match(countersText({ ovp: 0 }), /which are all 0\.$/);
});
