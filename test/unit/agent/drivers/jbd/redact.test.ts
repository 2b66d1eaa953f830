import assert from "node:assert/strict";
import { test } from "node:test";
import type { Direction } from "../../../../../agent/drivers/driver.ts";
import { beginsUnlocking, redactor } from "../../../../../agent/drivers/jbd/redact.ts";
import { fc } from "../../../../support/property.ts";

const redact = (direction: Direction, bytes: Uint8Array) => redactor()(direction, bytes);
const redacted = (hex: string, direction: Direction) =>
  Buffer.from(redact(direction, Buffer.from(hex, "hex"))).toString("hex");

const CASES: readonly (readonly [about: string, direction: Direction, plain: string, redacted: string])[] = [
  ["the app's key", "sent", "ffaa15063030303030303b", "ffaa15060000000000001b"],
  ["its status", "received", "ffaa15010016", "ffaa15010016"],
  ["the question for the random byte", "sent", "ffaa170017", "ffaa170017"],
  ["the random byte", "received", "ffaa1701627a", "ffaa17010018"],
  ["the password", "sent", "ffaa1806b61127563db04f", "ffaa18060000000000001e"],
  ["the verdict on it", "received", "ffaa1801011a", "ffaa1801011a"],
  ["a command that the module sends back", "received", "ffaa1806b61127563db04f", "ffaa18060000000000001e"],
  ["a command that is cut off", "sent", "ffaa1806b61127", "ffaa1806000000"],
  ["a command with a wrong sum", "sent", "ffaa1806b61127563db000", "ffaa180600000000000000"],
  ["a command behind other bytes", "received", "dd0300ffaa1701627a77", "dd0300ffaa1701001877"],
  ["bytes of a reply that only look like a header", "received", "dd03ffaa050102030405", "dd03ffaa050102030405"],
  ["an ordinary request", "sent", "dda50300fffd77", "dda50300fffd77"],
  ["nothing", "received", "", ""],
];

for (const [about, direction, plain, expected] of CASES) {
  test(`redaction leaves no secret in ${about}`, () => assert.equal(redacted(plain, direction), expected));
}

// -0.86 A is FF AA in a reply of register 0x03, and a piece of that reply may begin with it.
for (const [about, piece] of [
  ["54.78 Ah left", "ffaa6d5e6d600000"],
  ["60 Ah left", "ffaa1770177000002c7c"],
] as const) {
  test(`a piece of a reply that begins like a command stays as it is: -0.86 A, ${about}`, () => {
    assert.equal(redacted(piece, "received"), piece);
  });
}

test("redacted commands with different passwords are equal", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (cipher) => {
      const sum = cipher.reduce((total, byte) => total + byte, 0x18 + 6) & 0xff;
      const frame = Uint8Array.of(0xff, 0xaa, 0x18, 6, ...cipher, sum);
      assert.equal(Buffer.from(redact("sent", frame)).toString("hex"), "ffaa18060000000000001e");
    }),
  );
});

test("a command to the module begins an unlocking, also when redacted; a read of a register does not", () => {
  assert.ok(beginsUnlocking(Buffer.from("ffaa15060000000000001b", "hex")));
  assert.ok(!beginsUnlocking(Buffer.from("dda50300fffd77", "hex")));
  assert.ok(!beginsUnlocking(new Uint8Array()));
});

test("redacting twice changes nothing more", () => {
  fc.assert(
    fc.property(fc.constantFrom<Direction>("sent", "received"), fc.uint8Array({ maxLength: 40 }), (direction, tail) => {
      const once = redact(direction, Uint8Array.of(0xff, 0xaa, ...tail));
      assert.deepEqual(redact(direction, once), once);
    }),
  );
});

for (const direction of ["sent", "received"] as const) {
  test(`a command ${direction} in pieces, cut anywhere and with other traffic between, leaves no secret`, () => {
    const plain = Buffer.from("ffaa1806b61127563db04f", "hex");
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: plain.length - 1 }), { maxLength: 5 }), (cuts) => {
        const ends = [...cuts.sort((a, b) => a - b), plain.length];
        const one = redactor();
        const other = direction === "sent" ? "received" : "sent";
        const pieces = ends.map((end, i) => {
          one(other, Buffer.from("dd0300ff", "hex"));
          return one(direction, plain.subarray(ends[i - 1] ?? 0, end));
        });
        assert.equal(Buffer.concat(pieces).toString("hex"), "ffaa18060000000000001e");
      }),
    );
  });
}

test("a reply of the board after a command whose rest was lost stays as it is", () => {
  const redactPiece = redactor();
  assert.equal(Buffer.from(redactPiece("received", Buffer.from("ffaa1806b6", "hex"))).toString("hex"), "ffaa180600");
  const reply = Buffer.from("dd03001d055a00006d5e6d6000002c7c00000000", "hex");
  assert.deepEqual(Buffer.from(redactPiece("received", reply)), reply);
});
