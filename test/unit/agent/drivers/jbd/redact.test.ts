import assert from "node:assert/strict";
import { test } from "node:test";
import { type Direction, maskSecrets, unmaskedPart } from "../../../../../agent/drivers/jbd/redact.ts";
import { fc } from "../../../../support/property.ts";

const masked = (hex: string, direction: Direction) =>
  Buffer.from(maskSecrets(Buffer.from(hex, "hex"), direction)).toString("hex");

const CASES: readonly (readonly [about: string, direction: Direction, plain: string, masked: string])[] = [
  ["the app's key", "written", "ffaa15063030303030303b", "ffaa15060000000000001b"],
  ["its status", "notified", "ffaa15010016", "ffaa15010016"],
  ["the question for the random byte", "written", "ffaa170017", "ffaa170017"],
  ["the random byte", "notified", "ffaa1701627a", "ffaa17010018"],
  ["the password", "written", "ffaa1806b61127563db04f", "ffaa18060000000000001e"],
  ["the verdict on it", "notified", "ffaa1801011a", "ffaa1801011a"],
  ["a command that the module sends back", "notified", "ffaa1806b61127563db04f", "ffaa18060000000000001e"],
  ["a command that is cut off", "written", "ffaa1806b61127", "ffaa1806000000"],
  ["a command with a wrong sum", "written", "ffaa1806b61127563db000", "ffaa180600000000000000"],
  ["a command behind other bytes", "notified", "dd0300ffaa1701627a77", "dd0300ffaa1701001877"],
  ["bytes of a reply that only look like a header", "notified", "dd03ffaa050102030405", "dd03ffaa050102030405"],
  ["an ordinary request", "written", "dda50300fffd77", "dda50300fffd77"],
  ["nothing", "notified", "", ""],
];

for (const [about, direction, plain, expected] of CASES) {
  test(`masking leaves no secret in ${about}`, () => assert.equal(masked(plain, direction), expected));
}

test("whatever the password, its command looks the same", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (cipher) => {
      const sum = cipher.reduce((total, byte) => total + byte, 0x18 + 6) & 0xff;
      const frame = Uint8Array.of(0xff, 0xaa, 0x18, 6, ...cipher, sum);
      assert.equal(Buffer.from(maskSecrets(frame, "written")).toString("hex"), "ffaa18060000000000001e");
    }),
  );
});

test("a masked command is known by header and command, other bytes by all of them", () => {
  assert.equal(unmaskedPart("ffaa18060000000000001e"), "ffaa18");
  assert.equal(unmaskedPart("dda50300fffd77"), "dda50300fffd77");
});
