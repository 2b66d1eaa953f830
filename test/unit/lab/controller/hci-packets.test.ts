import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAcl, encodeAcl, splitPackets } from "../../../system/lab/controller/hci-packets.ts";

const RESET = Buffer.from("01030c00", "hex");
const DATA = Buffer.from("02400005000100040002", "hex");
const VENDOR = Buffer.from("ff000000", "hex");

test("packets are split wherever the bytes were cut", () => {
  const bytes = Buffer.concat([RESET, DATA, VENDOR]);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const first = splitPackets(bytes.subarray(0, cut));
    const second = splitPackets(Buffer.concat([first.rest, bytes.subarray(cut)]));
    assert.deepEqual([...first.packets, ...second.packets], [RESET, DATA, VENDOR], `cut at ${cut}`);
    assert.equal(second.rest.length, 0);
  }
});

test("a packet that no host sends is refused", () => {
  assert.throws(() => splitPackets(Buffer.from("0400", "hex")), RangeError);
});

test("ACL data has a handle and begins or continues a frame", () => {
  const [begins, goesOn] = ["0240000100aa", "0240100100aa"].map((hex) => decodeAcl(Buffer.from(hex, "hex")));
  assert.deepEqual(begins, { handle: 0x40, first: true, data: Buffer.of(0xaa) });
  assert.deepEqual(goesOn, { handle: 0x40, first: false, data: Buffer.of(0xaa) });
  assert.equal(encodeAcl({ handle: 0x40, first: true, data: Buffer.of(0xaa) }).toString("hex"), "0240200100aa");
});
