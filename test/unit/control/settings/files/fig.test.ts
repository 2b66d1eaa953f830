import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { decodeSettings } from "../../../../../agent/drivers/jbd/settings/settings.ts";
import { figOf, figText, figValues, parseFig } from "../../../../../control/settings/files/fig.ts";
import { parseProfile } from "../../../../../control/settings/files/parse-profile.ts";
import { LFP_REGISTERS, LFP_SETTINGS, word } from "../../../../support/jbd-settings.ts";
import { fc } from "../../../../support/property.ts";

const FILE = join(import.meta.dirname, "../../../../fixtures/jbd-settings/lfp-4s.fig");
const VENDOR = readFileSync(FILE, "latin1");

describe("files of the vendor's program", () => {
  test("round trip byte for byte, whatever ends their lines", () => {
    for (const lineEnd of ["\r\r\n", "\r\n\r\n", "\r\n", "\n"]) {
      const text = VENDOR.replaceAll("\r\r\n", lineEnd);
      assert.equal(figText(parseFig(text)), text);
    }
  });

  test("hold the values of the pack that they were written from", () => {
    assert.deepEqual(figValues(parseFig(VENDOR)), LFP_SETTINGS.values);
  });

  test("are written from a pack as the vendor writes them", () => {
    assert.equal(figText(figOf(LFP_REGISTERS)), VENDOR);
  });

  test("numbers are the raw words, bytes of shared registers apart", () => {
    const lines = (registers: ReadonlyMap<number, Uint8Array>) => figText(figOf(registers)).split("\r\r\n");
    assert.deepEqual(lines(new Map([[0x29, word(0xcd38)]])), [
      "  FileCode               3838",
      "  OverDisCurrent        52536",
      "",
    ]);
    assert.deepEqual(
      lines(
        new Map([
          [0x38, word(0x9e55)],
          [0x39, word(0xb005)],
        ]),
      ).slice(1, 5),
      [
        "  HardChgOverCurrent        158",
        "  HardDsgOverCurrent        85",
        "  HardTime        176",
        "  SCReleaseTime        5",
      ],
    );
  });

  test("any registers come back from a file of theirs", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 104, maxLength: 104 }), (bytes) => {
        const words = Array.from({ length: 50 }, (_, i) => [0x10 + i, bytes.slice(2 * i, 2 * i + 2)] as const);
        const registers = new Map(words);
        const tenfold = ((registers.get(0x2d)?.[0] ?? 0) & 0x10) !== 0;
        const { values } = decodeSettings(registers, { tenfold });
        assert.deepEqual(figValues(parseFig(figText(figOf(registers)))), values);
      }),
      { numRuns: 200 },
    );
  });
});

describe("files of other programs", () => {
  test("any white space separates, and names that are no settings are kept", () => {
    const text = "FileCode 3838\n\tCellOverVoltage\t3600\n\n  Somebody    else\n  OverDisCurrent -13000\n  BarCode\n";
    const file = parseFig(text);
    assert.deepEqual(figValues(file), { cell_ov: 3.6, discharge_oc: -130, barcode: "" });
    assert.equal(
      figText(figOf(new Map([[0x24, word(3650)]]), file)),
      [
        "  FileCode               3838",
        "  CellOverVoltage        3650",
        "  Somebody               else",
        "  OverDisCurrent         -13000",
        "  BarCode                ",
        "",
      ].join("\n"),
    );
  });

  test("the points of the curve that only newer boards have are read", () => {
    assert.deepEqual(figValues(parseFig("FileCode 3838\nVoltageCap90 3360\n")), { curve_90: 3.36 });
  });

  const errors: readonly (readonly [line: string, error: RegExp])[] = [
    ["CellOverVoltage 3.6", /CellOverVoltage is "3\.6"/],
    ["CellOverVoltage", /must be an integer/],
    ["CellOverVoltage 65536", /from -32768 to 65535/],
    ["ChgUTDelay 256", /from 0 to 255/],
    ["HardTime -1", /from 0 to 255/],
    [`BarCode ${"x".repeat(32)}`, /at most 31 characters/],
  ];
  for (const [line, error] of errors) {
    test(line, () => assert.throws(() => figValues(parseFig(`FileCode 3838\n${line}\n`)), error));
  }

  test("another file", () => assert.throws(() => parseFig("hello\n"), /begins with FileCode/));

  test("the bytes of another chip stay bytes", () => {
    assert.deepEqual(parseProfile(VENDOR, 3).values.short_circuit, { raw: "0x9e" });
    assert.equal(parseProfile(VENDOR).pack.cells, 4);
  });
});
