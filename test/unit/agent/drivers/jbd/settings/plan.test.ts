import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { describeBoard } from "../../../../../../agent/drivers/jbd/settings/board.ts";
import { decodeRegister } from "../../../../../../agent/drivers/jbd/settings/codec.ts";
import { holds, orderRules } from "../../../../../../agent/drivers/jbd/settings/order-rules.ts";
import type { Group, Range, Values } from "../../../../../../agent/drivers/jbd/settings/parameter.ts";
import { planChanges, type Wish } from "../../../../../../agent/drivers/jbd/settings/plan.ts";
import { decodeSettings } from "../../../../../../agent/drivers/jbd/settings/settings.ts";
import { SETTINGS } from "../../../../../../agent/drivers/jbd/settings/table/table.ts";
import { evidence, LFP_BOARD, LFP_REGISTERS, LFP_SETTINGS, PACK, word } from "../../../../../support/jbd-settings.ts";
import { fc } from "../../../../../support/property.ts";

const plan = (wanted: Values, more: Partial<Wish> = {}) =>
  planChanges({
    settings: LFP_SETTINGS,
    wanted,
    origin: "asked",
    board: LFP_BOARD,
    chemistry: "LFP",
    isExpert: false,
    ...more,
  });

const reasonsOf = (wanted: Values, more: Partial<Wish> = {}) => {
  const planned = plan(wanted, more);
  return planned.kind === "refused" ? planned.reasons : [];
};

const writesOf = (wanted: Values, more: Partial<Wish> = {}) => {
  const planned = plan(wanted, more);
  assert.ok(planned.kind === "planned", planned.kind === "refused" ? planned.reasons.join("; ") : "");
  return planned.changes.map(({ register, after }) => `${register.toString(16)} ${Buffer.from(after).toString("hex")}`);
};

describe("what is written", () => {
  test("only what differs, the other byte of a shared register as it was", () => {
    assert.deepEqual(writesOf({ cell_ov: 3.6, cell_uv: 2.5, cell_ov_delay: 3 }), ["24 0e10", "3d 0203"]);
    assert.deepEqual(writesOf({ cell_ov: 3.65 }), []);
  });

  test("a discharging limit is negative for the board", () => {
    assert.deepEqual(writesOf({ discharge_oc: -100 }), ["29 d8f0"]);
  });

  test("bits of 0x2D that nobody asked about stay", () => {
    const registers = new Map([...LFP_REGISTERS, [0x2d, word(0x01cf)] as const]);
    const settings = decodeSettings(registers, LFP_BOARD.coding);
    assert.deepEqual(writesOf({ functions: [0, 1, 3, 6, 7, 8] }, { settings }), ["2d 01cb"]);
  });

  test("two values that move together are written in an order in which each is valid", () => {
    assert.deepEqual(writesOf({ charge_ot: 50, charge_ot_release: 45 }), ["19 0c6d", "18 0c9f"]);
    const low = { ...LFP_SETTINGS };
    const registers = new Map([...low.registers, [0x18, word(3231)] as const, [0x19, word(3181)] as const]);
    const settings = decodeSettings(registers, LFP_BOARD.coding);
    assert.deepEqual(writesOf({ charge_ot: 65, charge_ot_release: 55 }, { settings }), ["18 0d35", "19 0cd1"]);
  });
});

describe("refusals", () => {
  const cases: readonly (readonly [about: string, wanted: Values, reason: RegExp, more?: Partial<Wish>])[] = [
    ["pack volts in a cell's register", { cell_full: 0.53 }, /not for LFP cells: choose 2\.000 to 3\.800 V/],
    ["a limit above the window", { cell_ov: 3.85 }, /not for LFP/],
    ["a pack's limit above the window", { pack_ov: 15.3 }, /not for LFP cells: choose 8\.00 to 15\.20 V/],
    ["charging in the frost", { charge_ut: -5 }, /choose 0\.0 to 10\.0 °C/],
    ["a second limit beyond", { hard_cell_ov: 4.2 }, /choose 3\.700 to 4\.000 V/, { isExpert: true }],
    ["a point of the curve", { curve_80: 4.1 }, /not for LFP/, { isExpert: true }],
    [
      "a release above its limit",
      { cell_ov_release: 3.7 },
      /cell over-voltage release .* must be below cell over-voltage/,
    ],
    ["a release at its limit", { cell_ov_release: 3.65 }, /must be below/],
    ["a release below its limit", { charge_ut_release: 1 }, /must be below/],
    ["balancing above the limit", { balance_start: 3.7 }, /must be below/],
    ["an under-voltage below the second", { cell_uv: 2 }, /second cell under-voltage/],
    [
      "a pack away from its cells",
      { pack_ov: 15.4, cell_ov: 3.6 },
      /not for LFP.*more than 5 % away from 4 times .*: choose about 14\.40 V/,
    ],
    ["cells away from their pack", { cell_uv: 2.2 }, /more than 5 % away from 4 times cell under-voltage/],
    ["a current above the rating", { charge_oc: 121 }, /rating of the board .* choose 120 A/],
    ["a discharge above the rating", { discharge_oc: -121 }, /121\.00 A is above the rating/],
    ["no current at all", { charge_oc: 0 }, /has no meaning: choose 1\.00/],
    ["a discharge with the sign of a charge", { discharge_oc: 50 }, /has no meaning: choose 1\.00 to 3276\.80 A/],
    ["a delay of minutes", { cell_ov_delay: 255 }, /unusual: choose 1 to 10 s, or give --expert/],
    ["a balancing window of nothing", { balance_window: 1 }, /choose 2 to 500 mV/],
    ["an expert's parameter", { capacity: 120 }, /needs --expert/],
    ["the shunt", { shunt: 0.2 }, /never written/, { isExpert: true }],
    ["the sensors", { sensors: [0] }, /never written/, { isExpert: true }],
    [
      "the short circuit",
      { short_circuit: { doubled: false, delay_us: 70, threshold_mV: 22 } },
      /never/,
      { isExpert: true },
    ],
    ["the number of cells", { cells: 8 }, /for 8 cells and the pack has 4/, { isExpert: true }],
    ["the serial number", { serial: 7 }, /never written/],
    ["the switch function", { functions: [1, 2, 3] }, /bit 0 \(switch\) .* only bits 2 \(balance_en\)/],
    ["the unit", { functions: [0, 1, 2, 3, 12] }, /bit 12/, { isExpert: true }],
    ["a bit without a name", { functions: [0, 1, 2, 3, 8] }, /bit 8/, { isExpert: true }],
    ["an unclear chemistry", { cell_ov: 3.6 }, /--chemistry/, { chemistry: undefined }],
    ["a wrong chemistry", { cell_ov: 2.7 }, /cells of LTO cannot have 3\.300/, { chemistry: "LTO" }],
    ["settings of another chemistry", { cell_ov: 4.25, cell_full: 4.15 }, /for NMC cells/],
    ["a register that the board lacks", { curve_90: 3.36 }, /does not have curve_90/, { isExpert: true }],
    ["a value beyond its register", { capacity: 700 }, /capacity/, { isExpert: true }],
  ];
  for (const [about, wanted, reason, more] of cases) {
    test(about, () => assert.match(reasonsOf(wanted, more).join("; "), reason));
  }

  test("a value between two steps of the board", () => {
    const registers = evidence({ ...PACK, head: { ...PACK.head, fet: 0x83 } }, new Map([[0x2d, word(0x100f)]]));
    const board = describeBoard({ registers });
    const settings = decodeSettings(new Map([...LFP_REGISTERS, [0x2d, word(0x100f)] as const]), board.coding);
    const more = { board, settings, isExpert: true };
    assert.match(reasonsOf({ capacity: 628.04 }, more).join(), /cannot hold 628\.04 Ah .* choose 628\.00 Ah/);
    assert.deepEqual(writesOf({ capacity: 628 }, more), ["10 1888"]);
  });

  test("boards that are not known well enough, whatever is asked", () => {
    const daren = { ...PACK, head: { ...PACK.head, year: 2000, month: 0, day: 0, major: 0, minor: 0 } };
    const boards = [
      [describeBoard({ registers: evidence(daren) }), /Daren/],
      [describeBoard({ registers: evidence(PACK, new Map([[0xf2, new Uint8Array(53)]])) }), /V19/],
      [describeBoard({ registers: evidence(), isOpen: true }), /UP16S/],
      [describeBoard({ registers: LFP_REGISTERS }), /not understood/],
      [describeBoard({ registers: evidence(PACK, new Map([[0x2d, word(0x100f)]])) }), /unit of currents/],
    ] as const;
    for (const [board, reason] of boards) {
      for (const origin of ["asked", "file", "former-state"] as const) {
        assert.match(reasonsOf({ balance_window: 20 }, { board, origin, isExpert: true }).join(), reason);
      }
    }
  });

  test("a rule about other settings does not stand in the way of a change", () => {
    const registers = new Map([...LFP_REGISTERS, [0x20, word(1600)] as const]);
    const settings = decodeSettings(registers, LFP_BOARD.coding);
    assert.deepEqual(writesOf({ balance_window: 20 }, { settings }), ["2b 0014"]);
  });
});

describe("files", () => {
  test("what identifies a board is left as it is, and reported", () => {
    const planned = plan({ serial: 7, produced: "2021-01-01", cell_ov: 3.6 }, { origin: "file" });
    assert.ok(planned.kind === "planned");
    assert.deepEqual(
      planned.left.map(({ parameter }) => parameter.key),
      ["produced", "serial"],
    );
    assert.deepEqual(
      planned.differences.map(({ parameter }) => parameter.key),
      ["cell_ov"],
    );
  });

  test("a file of a board with another shunt, other sensors or other cells is refused", () => {
    for (const wanted of [{ shunt: 0.2 }, { sensors: [0] }, { cells: 8 }, { switch_time: 0 }]) {
      assert.equal(reasonsOf(wanted, { origin: "file", isExpert: true }).length, 1);
    }
  });

  test("settings that the board does not have are named", () => {
    const planned = plan({ curve_90: 3.36, cell_ov: 3.6 }, { origin: "file" });
    assert.deepEqual(planned.kind === "planned" && planned.missing, ["curve_90"]);
  });

  test("a former state is put back whatever the rules say, but for what is never written", () => {
    const odd = { charge_ut: -10, charge_oc: 230, capacity: 90, cell_ov_release: 3.65, cycles: 3, shunt: 0.2 };
    const planned = plan(odd, { origin: "former-state", chemistry: undefined });
    assert.ok(planned.kind === "planned");
    assert.deepEqual(
      planned.left.map(({ parameter }) => parameter.key),
      ["shunt", "cycles"],
    );
    assert.equal(planned.changes.length, 4);
    assert.deepEqual(writesOf({ functions: [12] }, { origin: "former-state" }), ["2d 0003"]);
    assert.match(reasonsOf({ ...odd, cells: 8 }, { origin: "former-state" }).join(), /for 8 cells/);
  });
});

/** Ascending numbers for the keys of a chain, with the chain's smallest step between them. */
const ascending = (keys: readonly string[], min: number, max: number) =>
  fc
    .uniqueArray(fc.integer({ min, max }), { minLength: keys.length, maxLength: keys.length })
    .map((numbers) => numbers.sort((a, b) => a - b))
    .map((numbers) => Object.fromEntries(keys.map((key, i) => [key, (numbers[i] ?? 0) / 1000])));

const state = fc
  .tuple(
    ascending(["hard_cell_uv", "cell_uv", "cell_uv_release", "cell_ov_release", "cell_ov", "hard_cell_ov"], 2000, 3800),
    ascending(["cell_empty", "curve_20", "curve_40", "curve_60", "curve_80", "cell_full"], 2000, 3800),
    fc.integer({ min: 2, max: 20 }),
  )
  .map(([cells, curve, tenth]): Values => {
    const [ov = 0, uv = 0, ovr = 0, uvr = 0] = ["cell_ov", "cell_uv", "cell_ov_release", "cell_uv_release"].map(
      (key) => cells[key] ?? 0,
    );
    const pack = { pack_ov: 4 * ov, pack_uv: 4 * uv, pack_ov_release: 4 * ovr, pack_uv_release: 4 * uvr };
    const hundredths = Object.entries(pack).map(([key, volts]) => [key, Math.round(volts * 100) / 100]);
    return {
      ...cells,
      ...curve,
      ...Object.fromEntries(hundredths),
      balance_start: (Math.round(ov * 1000) - tenth) / 1000,
    };
  })
  .filter((values) => orderRules(values).every((rule) => holds(rule, values, 4)));

test("data of another size have no value, and are kept as they are", () => {
  const registers = new Map([...LFP_REGISTERS, [0x24, Uint8Array.of(1, 2, 3)] as const]);
  const settings = decodeSettings(registers, LFP_BOARD.coding);
  assert.equal(settings.values.cell_ov, undefined);
  assert.equal(settings.values.cell_uv, 2.5);
  assert.match(reasonsOf({ cell_ov: 3.6 }, { settings }).join(), /does not have cell_ov/);
});

test("between any two valid states every write leads to a valid state, and the last one to the end", () => {
  fc.assert(
    fc.property(state, state, (from, to) => {
      const start = planChanges({ ...base(LFP_REGISTERS), wanted: from });
      assert.ok(start.kind === "planned");
      const registers = new Map([
        ...LFP_REGISTERS,
        ...start.changes.map(({ register, after }) => [register, after] as const),
      ]);
      const planned = planChanges({ ...base(registers), wanted: to });
      assert.ok(planned.kind === "planned");
      let values: Values = decodeSettings(registers, LFP_BOARD.coding).values;
      for (const { register, after } of planned.changes) {
        values = { ...values, ...decodeRegister(register, after, LFP_BOARD.coding) };
        for (const rule of orderRules(values)) assert.ok(holds(rule, values, 4), JSON.stringify([rule, values]));
      }
      for (const [key, value] of Object.entries(to)) assert.equal(values[key], value, key);
    }),
    { numRuns: 150 },
  );
});

/** A wish that is judged by the order of its writes alone. */
function base(registers: ReadonlyMap<number, Uint8Array>): Omit<Wish, "wanted"> {
  const settings = decodeSettings(registers, LFP_BOARD.coding);
  return { settings, origin: "former-state", board: LFP_BOARD, chemistry: "LFP", isExpert: true };
}

/** Beyond what any setting of four LFP cells on a board for 120 A may be, by group. */
const BOUNDS: Partial<Record<Group, Range>> = {
  cell: [1.8, 4],
  pack: [8, 15.2],
  current: [-120, 120],
  temperature: [-40, 85],
  balancing: [2, 500],
  delays: [0, 255],
};

test("whatever is planned holds its values in its own registers, and nothing that is never written", () => {
  const numbers = SETTINGS.filter(({ field }) => field.kind === "number");
  fc.assert(
    fc.property(fc.constantFrom(...numbers), fc.integer({ min: -400_000, max: 400_000 }), (parameter, count) => {
      const value = count / 10 ** parameter.decimals;
      const planned = plan({ [parameter.key]: value }, { isExpert: true });
      if (planned.kind === "refused") return;
      assert.ok(planned.changes.length <= 1);
      for (const { register, after } of planned.changes) {
        assert.notEqual(parameter.write, "never");
        assert.equal(register, parameter.register);
        assert.equal(decodeRegister(register, after, LFP_BOARD.coding)[parameter.key], value);
        const [min, max] = BOUNDS[parameter.group] ?? [-Infinity, Infinity];
        assert.ok(value >= min && value <= max, `${parameter.key} ${value}`);
      }
    }),
    { numRuns: 2_000 },
  );
});
