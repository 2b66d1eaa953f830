import assert from "node:assert/strict";
import { test } from "node:test";
import { addressBytes, parseAddress } from "../../../../common/model/address.ts";

for (const [about, text, expected] of [
  ["our own spelling", "A4:C1:37:00:00:01", "A4:C1:37:00:00:01"],
  ["lower case", "a4:c1:37:00:00:0f", "A4:C1:37:00:00:0F"],
  ["dashes", "a4-c1-37-00-00-01", "A4:C1:37:00:00:01"],
  ["no separator", "a4c137000001", "A4:C1:37:00:00:01"],
  ["mixed separators", "a4:c1-37:00:00:01", undefined],
  ["too short", "A4:C1:37:00:00", undefined],
  ["too long", "A4:C1:37:00:00:01:02", undefined],
  ["not hexadecimal", "A4:C1:37:00:00:0G", undefined],
  ["something around it", " A4:C1:37:00:00:01", undefined],
  ["nothing", "", undefined],
] as const) {
  test(`parseAddress: ${about}`, () => assert.equal(parseAddress(text), expected));
}

test("addressBytes keeps the written order", () => {
  assert.deepEqual([...addressBytes("A4:C1:37:04:2D:BE")], [0xa4, 0xc1, 0x37, 0x04, 0x2d, 0xbe]);
});
