import assert from "node:assert/strict";
import { test } from "node:test";
import { readCommandLine } from "../../../common/cli/command-line.ts";
import { CONTROL } from "../../../control/program.ts";

const read = (line: string, env = {}) => readCommandLine(CONTROL, "1.2.3", line.split(" ").filter(Boolean), env);

function optionsOf<Options>(line: string, env = {}): Options {
  const request = read(line, env);
  assert.ok("run" in request, "text instead of a command");
  return request.options as Options;
}

test("without a command bmsctl prints its help", () => {
  const request = read("");
  assert.ok("text" in request);
  assert.match(request.text, /^Usage: bmsctl .*add \[options\] \[name\] +Sets up a battery\n.*remove <name>/s);
});

test("a battery is named by an argument, which add can ask for", () => {
  assert.equal(optionsOf<{ argument: string }>("add").argument, "");
  assert.equal(optionsOf<{ argument: string }>("add solar -b A4:C1:37:00:00:01").argument, "solar");
  assert.equal(optionsOf<string>("remove solar"), "solar");
});

test("options have presets, and add asks for the interval", () => {
  assert.deepEqual(optionsOf("release solar"), { name: "solar", minutes: 10 });
  assert.deepEqual(optionsOf("release solar", { BMS_MINUTES: "60" }), { name: "solar", minutes: 60 });
  assert.equal(optionsOf<{ values: { interval?: number } }>("add solar").values.interval, undefined);
  assert.deepEqual(optionsOf("doctor --json"), { json: true, adapter: undefined, radio: undefined, logLevel: "error" });
});

for (const [line, message] of [
  ["frobnicate", /^unknown command 'frobnicate'; see bmsctl --help$/],
  ["remove", /missing required argument 'name'/],
  ["remove a b", /'b' is one argument too many for remove/],
  ["release solar --minutes 0", /^--minutes "0": expected minutes from 1 to 1440$/],
  ["list --all", /unknown option '--all'/],
] as const) {
  test(`bmsctl ${line} is refused in one line`, () => {
    assert.throws(() => read(line), { name: "UsageError", message });
  });
}

test("a switch has a MOSFET and a state", () => {
  const { name, mosfet, isOn, minutes } = optionsOf<Record<string, unknown>>("switch house charge off --minutes 30");
  assert.deepEqual([name, mosfet, isOn, minutes], ["house", "charge", false, 30]);
});

for (const [line, message] of [
  ["switch house", /missing required argument 'what'/],
  ["switch house load off", /'load' cannot be switched: say charge or discharge/],
  ["switch house charge maybe", /'maybe' is not a state: say on or off/],
  ["switch house charge off now", /'now' is one argument too many for switch/],
  ["switch house charge on --minutes 3", /--minutes is for off/],
] as const) {
  test(`bmsctl ${line} is refused in one line`, () => {
    assert.throws(() => read(line), { name: "UsageError", message });
  });
}

test("settings has commands below it, and an address in place of a name", () => {
  assert.equal(optionsOf<{ word: string }>("settings house").word, "house");
  assert.equal(optionsOf<{ word: string }>("settings -b A4:C1:37:00:00:01").word, "A4:C1:37:00:00:01");
  const set = optionsOf<{ name: string; assignments: unknown; write: boolean }>(
    "settings set house cell_ov=3.6 --write",
  );
  assert.deepEqual([set.name, set.assignments, set.write], ["house", [{ key: "cell_ov", value: 3.6 }], true]);
  const apply = optionsOf<{ file: string; names: unknown }>("settings apply a.toml house garage");
  assert.deepEqual([apply.file, apply.names], ["a.toml", ["house", "garage"]]);
  assert.deepEqual(optionsOf<{ names: unknown }>("settings watch").names, []);
});

for (const [line, message] of [
  ["settings", /^which pack\? bmsctl settings NAME, or -b/],
  ["settings house garage", /'garage' is one argument too many for settings/],
  ["settings --json set house cell_ov=3.6", /options belong after the command: bmsctl settings set/],
  ["settings set house", /missing required argument 'key=value'/],
  ["settings set house cell_ov=high", /cell_ov: "high" is not a number/],
  ["settings house --save house.txt", /a file whose name ends in \.toml or \.fig/],
  ["settings diff house", /missing required argument 'after'/],
] as const) {
  test(`bmsctl ${line} is refused in one line`, () => {
    assert.throws(() => read(line), { name: "UsageError", message });
  });
}
