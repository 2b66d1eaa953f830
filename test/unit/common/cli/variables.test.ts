// cspell:ignore INTERVALL ADRESS PINFILE BMSX
import assert from "node:assert/strict";
import { test } from "node:test";
import { AGENT } from "../../../../agent/cli/program.ts";
import { AGGREGATOR } from "../../../../aggregator/cli/program.ts";
import { variableOf } from "../../../../common/cli/option.ts";
import { unknownVariables, VARIABLES } from "../../../../common/cli/variables.ts";
import { CONTROL } from "../../../../control/program.ts";
import { VIEWER } from "../../../../viewer/cli/program.ts";

test("the variables are those of the options of all programs", () => {
  const commands = [AGENT, AGGREGATOR, CONTROL, VIEWER].flatMap((program) => program.commands);
  const ofOptions = commands.flatMap(({ options }) => Object.values(options).map(variableOf));
  assert.deepEqual(
    [...VARIABLES].sort(),
    [...new Set([...ofOptions, "BMS_BOOT_ID", "BMS_INSTANCE", "BMS_SIMULATOR"])].sort(),
  );
});

for (const [name, similar] of [
  ["BMS_INTERVALL", "BMS_INTERVAL"],
  ["BMS_ADRESS", "BMS_ADDRESS"],
  ["BMS_PINFILE", "BMS_PIN_FILE"],
  ["BMS_interval", "BMS_INTERVAL"],
  ["BMS_OUTPUTS", "BMS_OUTPUT"],
] as const) {
  test(`${name} is taken for ${similar}`, () =>
    assert.deepEqual(unknownVariables({ [name]: "5" }), [
      `${name} is not an option and is ignored: did you mean ${similar}?`,
    ]));
}

test("a variable like no other has no suggestion; known and foreign ones are not mentioned", () => {
  const known = Object.fromEntries(VARIABLES.map((name) => [name, "x"]));
  assert.deepEqual(unknownVariables({ ...known, PATH: "/bin", BMSX: "1" }), []);
  assert.match(unknownVariables({ BMS_FAVOURITE_COLOUR: "red" }).join(), /is ignored: the --help of each program/);
});
