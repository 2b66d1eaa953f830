import assert from "node:assert/strict";
import { test } from "node:test";
import { readCommandLine } from "../../../../common/cli/command-line.ts";
import { formatPairingLine, makePairingCode } from "../../../../common/hosts/pairing-line.ts";
import { x25519Pair } from "../../../../common/hosts/x25519.ts";
import { nameOfThisHost } from "../../../../control/commands/join.ts";
import { CONTROL } from "../../../../control/program.ts";

const LINE = formatPairingLine({
  host: "house",
  port: 8471,
  pairingPort: 8472,
  publicKey: x25519Pair().publicKey,
  code: makePairingCode(),
});

const read = (...words: readonly string[]) => readCommandLine(CONTROL, "1", ["join", ...words], {});

test("a whole line is read, and --undo needs none", () => {
  assert.ok("run" in read(LINE));
  assert.ok("run" in read("--undo"));
});

for (const [about, words, message] of [
  ["no line", [], /^a line is missing: give the line that sudo bmsctl pair prints/],
  ["a line that was cut", [LINE.slice(0, -3)], /^the line was not copied whole: copy all of it/],
  ["a line of another version", [LINE.replace("bms1", "bms9")], /^the line is of another version \(bms9\): install/],
  ["an address", ["house"], /^the line is not a line of bmsctl pair/],
  ["a line to undo", [LINE, "--undo"], /^--undo needs no line/],
  ["a name with a blank", [LINE, "--name", "a b"], /^--name "a b": expected up to 32 letters/],
  ["the name of the aggregator's host", [LINE, "--name", "local"], /expected .* not local/],
] as const) {
  test(`join is refused: ${about}`, () => {
    assert.throws(() => read(...words), { name: "UsageError", message });
  });
}

test("a host is named after its host name, unless that cannot be", () => {
  assert.equal(nameOfThisHost("shed.example"), "shed");
  for (const name of ["localhost", "local", "a b", "", "x".repeat(33)])
    assert.throws(() => nameOfThisHost(name), /choose one with --name/);
});
