import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeCobs, encodeCobs } from "../../../../agent/codec/cobs.ts";
import { fc } from "../../../support/property.ts";

const run = (length: number) => "07".repeat(length);

describe("byte stuffing", () => {
  for (const [about, plain, stuffed] of [
    ["nothing", "", "01"],
    ["a zero", "00", "0101"],
    ["two zeros", "0000", "010101"],
    ["a zero inside", "11220033", "0311220233"],
    ["a zero at the end", "112200", "03112201"],
    ["a run of 253", run(253), `fe${run(253)}`],
    ["a run of 254", run(254), `ff${run(254)}`],
    ["a run of 254 and a zero", `${run(254)}00`, `ff${run(254)}0101`],
    ["a run of 255", run(255), `ff${run(254)}0207`],
  ] as const) {
    test(about, () => {
      assert.equal(Buffer.from(encodeCobs(Buffer.from(plain, "hex"))).toString("hex"), stuffed);
      assert.equal(Buffer.from(decodeCobs(Buffer.from(stuffed, "hex"))).toString("hex"), plain);
    });
  }

  for (const [about, stuffed] of [
    ["a code of zero", "00"],
    ["a zero inside of a run", "0311002233"],
    ["a run that goes on past the end", "0511"],
  ] as const) {
    test(`${about} is refused`, () => {
      assert.throws(() => decodeCobs(Buffer.from(stuffed, "hex")), { fault: "malformed" });
    });
  }

  test("any bytes come back, and no zero travels", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const stuffed = encodeCobs(bytes);
        assert.ok(!stuffed.includes(0));
        assert.deepEqual(decodeCobs(stuffed), bytes);
      }),
    );
  });
});
