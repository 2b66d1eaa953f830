import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEnvironmentFile } from "../../../../common/systemd/environment-file.ts";
import { editEnvironment } from "../../../../control/setup/edit-environment.ts";

for (const [about, before, after] of [
  ["an empty file", "", "BMS_A=1\n"],
  ["comments stay", "# BMS_A=0\n#BMS_A=0\nBMS_B=2\n", "# BMS_A=0\n#BMS_A=0\nBMS_B=2\nBMS_A=1\n"],
  ["every older value goes", "BMS_A=0\nBMS_B=2\n  BMS_A=3\n", "BMS_B=2\nBMS_A=1\n"],
  ["a last line without a newline", "BMS_B=2", "BMS_B=2\nBMS_A=1\n"],
  ["a name that begins alike", "BMS_AB=2\n", "BMS_AB=2\nBMS_A=1\n"],
] as const) {
  test(`a variable is set: ${about}`, () => {
    assert.equal(editEnvironment(before, { BMS_A: "1" }), after);
    assert.equal(editEnvironment(after, { BMS_A: "1" }), after);
  });
}

test("a variable is removed", () => {
  assert.equal(editEnvironment("BMS_A=0\nBMS_B=2\n", { BMS_A: undefined }), "BMS_B=2\n");
});

test("a value with blanks survives", () => {
  const text = editEnvironment("", { BMS_A: 'ipc:///a b tcp://[::]:1 "$' });
  assert.equal(parseEnvironmentFile(text).get("BMS_A"), 'ipc:///a b tcp://[::]:1 "$');
});
