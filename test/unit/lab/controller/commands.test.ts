import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMANDS, commandName, supportedCommands } from "../../../system/lab/controller/commands.ts";

test("no two commands share an opcode or a bit", () => {
  const rows = Object.values(COMMANDS);
  assert.equal(new Set(rows.map(({ opcode }) => opcode)).size, rows.length);
  assert.equal(new Set(rows.map(({ octet, bit }) => octet * 8 + bit)).size, rows.length);
});

test("each command is in the list of supported commands", () => {
  const octets = supportedCommands();
  assert.equal(octets.length, 64);
  for (const [name, { opcode, octet, bit }] of Object.entries(COMMANDS)) {
    assert.equal(commandName(opcode), name);
    assert.ok(((octets[octet] ?? 0) >> bit) & 1, name);
  }
});
