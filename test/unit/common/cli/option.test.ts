import assert from "node:assert/strict";
import { test } from "node:test";
import {
  describeOption,
  nonEmpty,
  type OptionRow,
  oneOf,
  onOff,
  readEnvironment,
  SHARED_OPTIONS,
  seconds,
  variableOf,
  wholeNumber,
} from "../../../../common/cli/option.ts";

for (const [about, { parse }, accepted, rejected] of [
  ["one of several words", oneOf(["auto", "jbd"]), ["auto", "jbd"], ["Auto", "", "jb"]],
  ["a switch", onOff, ["1", "TRUE", "yes", "0", "false", "No"], ["", "2", "maybe"]],
  ["seconds", seconds(0.05, 60, "10"), ["0.05", ".5", "60"], ["0", "61", "-5", "10s", "", "1e1"]],
  ["a whole number", wholeNumber("minutes", 1440), ["1", "1440"], ["0", "1441", "1.5", "-1", "01", ""]],
  ["some text", nonEmpty("a path"), ["x"], [""]],
  ["an endpoint", SHARED_OPTIONS.endpoint, ["ipc:///tmp/x.sock"], ["tcp://127.0.0.1:1", "ipc://x", ""]],
] as const) {
  test(`the values of ${about}`, () => {
    for (const text of accepted) assert.notEqual(parse(text), undefined, text);
    for (const text of rejected) assert.equal(parse(text), undefined, text);
  });
}

const PIN = {
  flags: "-p, --pin-file <file>",
  about: "the PIN",
  conflicts: ["words"],
  ...nonEmpty("a path"),
} satisfies OptionRow;
const WORDS = {
  flags: "--words <word...>",
  about: "words",
  isList: true,
  preset: ["a"],
  ...oneOf(["a", "b"]),
} satisfies OptionRow;

test("an option's variable follows from its flag, and its description contains choices, default and variable", () => {
  assert.equal(variableOf(PIN), "BMS_PIN_FILE");
  assert.equal(describeOption(PIN), "the PIN (BMS_PIN_FILE)");
  assert.equal(describeOption(WORDS), "words (a, b; default: a; BMS_WORDS)");
  assert.equal(describeOption(SHARED_OPTIONS.json), "print JSON, one object per line (BMS_JSON)");
});

test("variables are read, empty ones are absent, presets fill the rest", () => {
  const read = (env: Record<string, string>) => readEnvironment({ pinFile: PIN, words: WORDS }, env);
  assert.deepEqual(read({}), { pinFile: undefined, words: ["a"] });
  assert.deepEqual(read({ BMS_WORDS: " b  a " }), { pinFile: undefined, words: ["b", "a"] });
  assert.deepEqual(read({ BMS_WORDS: " ", BMS_PIN_FILE: "x" }), { pinFile: "x", words: ["a"] });
  assert.throws(() => read({ BMS_WORDS: "a c" }), /^UsageError: BMS_WORDS "c": expected one of a, b$/);
  assert.throws(() => read({ BMS_WORDS: "a", BMS_PIN_FILE: "x" }), /BMS_PIN_FILE cannot be used with BMS_WORDS/);
});
