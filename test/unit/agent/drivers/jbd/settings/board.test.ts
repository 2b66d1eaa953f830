import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encodePack } from "../../../../../../agent/drivers/jbd/basic-information.ts";
import { encodeModel } from "../../../../../../agent/drivers/jbd/registers.ts";
import { describeBoard, isWritable } from "../../../../../../agent/drivers/jbd/settings/board.ts";
import { inferChemistry } from "../../../../../../agent/drivers/jbd/settings/chemistry.ts";
import { interlocks, unstableRegisters } from "../../../../../../agent/drivers/jbd/settings/interlocks.ts";
import { evidence, LFP_BOARD, LFP_REGISTERS, LFP_SETTINGS, PACK, word } from "../../../../../support/jbd-settings.ts";

const { head } = PACK;
const v8 = { ...PACK, head: { ...head, major: 2, minor: 1 } };
const tail = { flags: 0, alarm: 0, full: 100, remain: 50, balanceAmps: 0 };
const daren = {
  ...PACK,
  head: { ...head, year: 2000, month: 0, day: 0, major: 0, minor: 0 },
  temperatures: [20, 20, 20, 20],
  daren: { mosfet: 20, ambient: 20, health: 100, zero: 0, zeros: 0 },
};

describe("families", () => {
  const longTail = Uint8Array.of(...encodePack(v8), 1, 2, 3, 4);
  const liveCells = new Map([0x32, 0x33, 0x34, 0x35].map((register) => [register, word(3301)]));
  const cases: readonly (readonly [about: string, family: string, evidence: Parameters<typeof describeBoard>[0]])[] = [
    ["version 1.5", "classic", { registers: evidence() }],
    ["version 2.1", "v8", { registers: evidence(v8) }],
    ["nine bytes after the temperatures", "v8", { registers: evidence({ ...v8, tail }) }],
    ["four bytes after the temperatures", "unknown", { registers: evidence(v8, new Map([[0x03, longTail]])) }],
    ["a block of settings", "v19", { registers: evidence(v8, new Map([[0xf2, new Uint8Array(53)]])) }],
    ["settings without factory mode", "up16s", { registers: evidence(v8), isOpen: true }],
    ["voltages of cells in place of the curve", "up16s", { registers: evidence(v8, liveCells) }],
    ["its name", "up16s", { registers: evidence(v8, new Map([[0x05, encodeModel("JBD-UP16S010-L16S-200A")]])) }],
    ["no version, no date, four sensors", "daren", { registers: evidence(daren) }],
    ["no version", "unknown", { registers: evidence({ ...PACK, head: { ...head, major: 0, minor: 0 } }) }],
    ["no basic information", "unknown", { registers: LFP_REGISTERS }],
    ["a cut basic information", "unknown", { registers: evidence(v8, new Map([[0x03, new Uint8Array(9)]])) }],
  ];
  for (const [about, family, given] of cases) {
    test(`${about}: ${family}`, () => {
      const board = describeBoard(given);
      assert.equal(board.family, family);
      assert.equal(isWritable(board), family === "classic" || family === "v8");
    });
  }
});

describe("ratings in the names of boards", () => {
  const cases: readonly (readonly [model: string, amps: number | undefined])[] = [
    ["JBD-SP04S034-L4S-200A-B-U", 200],
    ["JBD-SP04S060-300A-L4S", 300],
    ["LH-SP15S001-P15S-30A", 30],
    ["DP04S007L4S150A", 150],
    ["JBD-SP04S034", undefined],
    ["12V100AH", undefined],
  ];
  for (const [model, amps] of cases) {
    test(model, () => {
      assert.equal(describeBoard({ registers: new Map([[0x05, encodeModel(model)]]) }).ratedAmps, amps);
    });
  }
});

test("units and chip come from 0x2D and 0x00", () => {
  const registers = evidence(
    { ...PACK, head: { ...head, fet: 0x83 } },
    new Map([
      [0x2d, word(0x1006)],
      [0x00, word(3)],
    ]),
  );
  const board = describeBoard({ registers });
  assert.deepEqual(board.coding, { tenfold: true, chip: 3 });
  assert.equal(board.hasUnclearUnits, false);
  assert.equal(describeBoard({ registers: evidence(PACK, new Map([[0x2d, word(0x1006)]])) }).hasUnclearUnits, true);
  const inTail = { ...PACK, tail: { ...tail, flags: 0x88 } };
  assert.equal(describeBoard({ registers: evidence(inTail, new Map([[0x2d, word(0x1006)]])) }).hasUnclearUnits, false);
});

describe("chemistry", () => {
  const nmc = { cell_ov: 4.25, cell_full: 4.15 };
  const lto = { cell_ov: 2.8, cell_full: 2.65 };
  const cases: readonly (readonly [
    about: string,
    values: Record<string, number>,
    cells: number[],
    string | undefined,
  ])[] = [
    ["LFP", { cell_ov: 3.65, cell_full: 3.4 }, [3300, 3310], "LFP"],
    ["NMC", nmc, [3700], "NMC"],
    ["LTO", lto, [2300], "LTO"],
    ["no cells", nmc, [], "NMC"],
    ["cells that contradict the settings", { cell_ov: 3.65, cell_full: 3.4 }, [4100], undefined],
    ["pack volts in a cell's register", { cell_ov: 3.65, cell_full: 0.53 }, [3300], undefined],
    ["settings that contradict each other", { cell_ov: 4.25, cell_full: 3.4 }, [3300], undefined],
    ["nothing known", {}, [3300], undefined],
  ];
  for (const [about, values, cells, chemistry] of cases) {
    test(about, () => assert.equal(inferChemistry(values, cells), chemistry));
  }
  test("of the shipped values", () => {
    assert.equal(inferChemistry(LFP_SETTINGS.values, LFP_BOARD.cellVoltages), "LFP");
  });
});

describe("interlocks", () => {
  const reasonsOf = (pack: typeof PACK) => interlocks(describeBoard({ registers: evidence(pack) })).join("; ");
  const withAmps = (amps: number) => ({ ...PACK, flow: { amps, remain: 50, capacity: 100 } });
  const withProtection = (protect: number) => ({ ...PACK, head: { ...head, protect } });

  test("a pack at rest is written", () => {
    for (const pack of [PACK, withAmps(2), withAmps(-2), withProtection(0x1000)]) assert.equal(reasonsOf(pack), "");
  });

  test("a current above 2 A, a protection, an unknown state", () => {
    assert.match(reasonsOf(withAmps(2.01)), /2\.0 A flows/);
    assert.match(reasonsOf(withAmps(-30)), /30\.0 A flows/);
    assert.match(reasonsOf(withProtection(0x0001)), /protection/);
    assert.match(reasonsOf(withProtection(0x1400)), /protection/);
    const { flow: _, ...unmeasured } = PACK;
    assert.match(reasonsOf(unmeasured), /does not report its current/);
    assert.match(interlocks(describeBoard({ registers: new Map() })).join(), /not understood/);
  });

  test("two readings that differ", () => {
    const disturbed = new Map([...LFP_REGISTERS, [0x2d, word(0x80e7)] as const]);
    assert.deepEqual(unstableRegisters(LFP_REGISTERS, LFP_REGISTERS), []);
    assert.match(unstableRegisters(LFP_REGISTERS, disturbed).join(), /0x2d/);
    assert.equal(unstableRegisters(LFP_REGISTERS, new Map()).length, LFP_REGISTERS.size);
  });
});
