import assert from "node:assert/strict";
import { test } from "node:test";
import {
  parametersOf,
  SETTING_REGISTERS,
  SETTINGS,
  settingOf,
} from "../../../../../../agent/drivers/jbd/settings/table/table.ts";

const hex = (registers: readonly number[]) => registers.map((register) => register.toString(16));
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

test("every setting has a key, a label and a name in files of its own", () => {
  for (const names of [
    SETTINGS.map(({ key }) => key),
    SETTINGS.map(({ label }) => label),
    SETTINGS.map(({ fig }) => fig),
  ]) {
    assert.equal(new Set(names).size, SETTINGS.length);
  }
  assert.equal(settingOf("cell_ov")?.register, 0x24);
  assert.equal(settingOf("counters"), undefined);
});

test("the settings are registers 10 to 47 and A0 to A2", () => {
  assert.deepEqual(hex(SETTING_REGISTERS), hex([...range(0x10, 0x47), ...range(0xa0, 0xa2)]));
});

test("what must never be written is not offered, and neither is a command or a calibration", () => {
  const never = SETTINGS.filter(({ write }) => write === "never").map(({ register }) => register);
  const forbidden = [...range(0x14, 0x17), 0x2c, 0x2e, 0x2f, 0x30, 0x38, 0x38, 0x39, 0x40, 0x41, ...range(0xa0, 0xa2)];
  assert.deepEqual(hex(never.sort((a, b) => a - b)), hex(forbidden));
  const commands = [0xaa, ...range(0xad, 0xaf), ...range(0xb0, 0xcf), ...range(0xd0, 0xd7), ...range(0xe0, 0xe3)];
  for (const parameter of commands.flatMap(parametersOf)) assert.equal(parameter.write, "never", parameter.key);
});
