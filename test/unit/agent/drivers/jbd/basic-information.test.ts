import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodePack, encodePack, productionDate } from "../../../../../agent/drivers/jbd/basic-information.ts";
import {
  decodeCells,
  decodeCounters,
  decodeModel,
  encodeCells,
  encodeCounters,
  encodeModel,
} from "../../../../../agent/drivers/jbd/registers.ts";
import { fc } from "../../../../support/property.ts";

const HEAD = 23;
const DAREN_TAILS = [8, 16];

/** Payloads of every form: `sensors` temperatures and a tail of `rest` bytes, Daren's marks where they are wanted. */
const payloads = fc
  .record({
    head: fc.uint8Array({ minLength: HEAD, maxLength: HEAD }),
    sensors: fc.nat(10),
    rest: fc.constantFrom(0, 9, ...DAREN_TAILS),
    body: fc.uint8Array({ minLength: 36, maxLength: 36 }),
  })
  .map(({ head, sensors, rest, body }) => {
    const isDaren = DAREN_TAILS.includes(rest);
    const count = isDaren ? 4 : sensors;
    const payload = Uint8Array.of(...head, ...body.slice(0, 2 * count + rest));
    payload[22] = count;
    if (isDaren) payload.fill(0, 10, 12).fill(0, 18, 19);
    return payload;
  });

describe("a pack's information", () => {
  test("encoded and decoded, is the same information, of the same length", () => {
    fc.assert(
      fc.property(payloads, (payload) => {
        const encoded = encodePack(decodePack(payload));
        assert.equal(encoded.length, payload.length);
        assert.deepEqual(decodePack(encoded), decodePack(payload));
      }),
    );
  });

  test("that ends before it should, anywhere, is refused", () => {
    fc.assert(
      fc.property(payloads, fc.nat(HEAD - 1), (payload, end) => {
        assert.throws(() => decodePack(payload.subarray(0, end)), { fault: "malformed" });
      }),
    );
  });
});

describe("the date of production", () => {
  const dated = (year: number, month: number, day: number) => {
    const payload = new Uint8Array(HEAD);
    new DataView(payload.buffer).setUint16(10, ((year - 2000) << 9) | (month << 5) | day);
    return productionDate(decodePack(payload));
  };
  for (const [year, month, day, expected] of [
    [2022, 3, 28, "2022-03-28"],
    [2000, 1, 1, "2000-01-01"],
    [2127, 12, 31, "2127-12-31"],
    [2024, 2, 29, "2024-02-29"],
    [2023, 2, 29, undefined],
    [2100, 2, 29, undefined],
    [2024, 4, 31, undefined],
    [2024, 13, 1, undefined],
    [2024, 0, 1, undefined],
    [2024, 1, 0, undefined],
    [2000, 0, 0, undefined],
  ] as const) {
    test(`${year}-${month}-${day} is ${expected ?? "none"}`, () => assert.equal(dated(year, month, day), expected));
  }
});

describe("cells, counters and model", () => {
  test("cells come back, up to 32", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { maxLength: 32 }), (cells) =>
        assert.deepEqual(decodeCells(encodeCells(cells)), cells),
      ),
    );
    assert.throws(() => decodeCells(new Uint8Array(66)), { fault: "malformed" });
    assert.throws(() => decodeCells(new Uint8Array(7)), { fault: "malformed" });
  });

  test("counters come back, with and without restarts", () => {
    for (const size of [22, 24]) {
      const payload = Uint8Array.from({ length: size }, (_, i) => i);
      assert.deepEqual(encodeCounters(decodeCounters(payload)), payload);
      assert.equal(decodeCounters(payload).restarts, size === 24 ? 0x1617 : undefined);
    }
    assert.throws(() => decodeCounters(new Uint8Array(23)), { fault: "malformed" });
  });

  for (const [about, hex, expected] of [
    ["a plain name", "4a4244", "JBD"],
    ["padded with NUL", "4a42440000", "JBD"],
    ["in blanks", "204a424420", "JBD"],
    ["nothing", "", ""],
    ["text behind a NUL", "4a0042", undefined],
    ["no ASCII", "4ac3a4", undefined],
    ["a control character", "4a0a", undefined],
  ] as const) {
    test(`model: ${about}`, () => {
      const payload = Uint8Array.from(Buffer.from(hex, "hex"));
      if (expected === undefined) assert.throws(() => decodeModel(payload), { fault: "malformed" });
      else assert.equal(decodeModel(payload), expected);
    });
  }

  test("a model comes back", () => assert.equal(decodeModel(encodeModel("SP15S001-P13S-30A")), "SP15S001-P13S-30A"));
});
