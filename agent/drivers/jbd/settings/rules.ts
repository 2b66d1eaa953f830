import { type Board, isWritable } from "./board.ts";
import { CELL_WINDOWS, cellKey, holdsCells, inferChemistry, isOfChemistry, isWithin, usualRange } from "./chemistry.ts";
import { FAMILIES } from "./families.ts";
import { holds, orderRules, type Term } from "./order-rules.ts";
import { CHEMISTRIES, type Chemistry, type Parameter, type Range, type Values } from "./parameter.ts";
import { settingOf } from "./table/table.ts";
import { rangeText, valueText } from "./words.ts";

/** A change of settings to be judged. */
export interface Proposal {
  readonly before: Values;
  /** All settings as they would be. */
  readonly after: Values;
  /** The settings that differ. */
  readonly changed: readonly Parameter[];
  readonly board: Board;
  readonly chemistry: Chemistry | undefined;
  /** True where the operator asked for parameters that are not for everybody. */
  readonly isExpert: boolean;
  /** True where these are values that this pack had: they are not judged. */
  readonly isFormerState: boolean;
}

/** Part by which a pack's limit may be away from the number of cells times the cell's. */
const PACK_TOLERANCE = 0.05;
/** The limits of the front-end chip lie outside of the window of the others. */
const HARD = /^hard_/;

type Rule = (proposal: Proposal) => readonly string[];

/** Rules about values, which every new value must keep. One sentence for each that is broken. */
const VALUE_RULES: readonly Rule[] = [
  limitsAreKept,
  chemistryIsKnown,
  windowIsKept,
  usualValuesAreKept,
  releaseIsOnTheRightSide,
  packAgreesWithCells,
  ratingIsKept,
];

/** Sentences, each naming a reason to write nothing and the way out; none where the change may be written. */
export function refusals(proposal: Proposal): readonly string[] {
  const refused = [...boardRefusals(proposal.board), ...cellsRefusals(proposal), ...accessRefusals(proposal)];
  if (refused.length > 0 || proposal.isFormerState) return refused;
  return VALUE_RULES.flatMap((rule) => rule(proposal));
}

/** Refusals of anything on this board. */
function boardRefusals(board: Board): readonly string[] {
  if (!board.information) {
    return ["the basic information of the pack (register 0x03) is not understood: it can be read, and is not written"];
  }
  if (!isWritable(board)) {
    const { name } = FAMILIES[board.family];
    return [`the board is of ${name}, whose registers are not known well enough: use its maker's program to change it`];
  }
  if (board.hasUnclearUnits) {
    return ["registers 0x03 and 0x2d disagree about the unit of currents: nothing is written; read the pack once more"];
  }
  return [];
}

function cellsRefusals({ board, before, after }: Proposal): readonly string[] {
  if (after.cells !== undefined && after.cells !== board.cells) {
    return [`the settings are for ${after.cells} cells and the pack has ${board.cells}: take those of such a pack`];
  }
  if (before.cells !== undefined && before.cells !== board.cells) {
    return [`register 0x2f holds ${before.cells} cells and the pack reports ${board.cells}: use its maker's program`];
  }
  return [];
}

/** Parameters that this program does not write, or not without being asked. */
function accessRefusals({ changed, before, after, isExpert, isFormerState }: Proposal): readonly string[] {
  return changed.flatMap((parameter) => {
    const { key, label, write, field } = parameter;
    // Judged by its own rule.
    if (key === "cells") return [];
    if (write === "never") return [`${label} (${key}) is never written by this program: leave it out`];
    if (write === "expert" && !isExpert && !isFormerState) return [`${label} (${key}) needs --expert, or leave it out`];
    if (field.kind !== "bits") return [];
    return changedBits(before[key], after[key])
      .filter((bit) => !field.writable.includes(bit))
      .map((bit) => {
        const name = field.names[bit] ?? "without a common meaning";
        const writable = field.writable.map((other) => `${other} (${field.names[other]})`).join(", ");
        return `bit ${bit} (${name}) of ${label} is never changed by this program: only bits ${writable} are`;
      });
  });
}

function changedBits(before: unknown, after: unknown): readonly number[] {
  const [old, young] = [before, after].map((bits) => (Array.isArray(bits) ? (bits as number[]) : []));
  return Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => old?.includes(bit) !== young?.includes(bit));
}

function limitsAreKept({ changed, after }: Proposal): readonly string[] {
  return outside(
    changed,
    after,
    ({ limits }) => limits,
    (parameter, limits) => `has no meaning: choose ${rangeText(parameter, limits)}`,
  );
}

function chemistryIsKnown({ changed, after, board, chemistry }: Proposal): readonly string[] {
  const needed = changed.find((parameter) => isOfChemistry(parameter) || parameter.group === "pack");
  if (!needed) return [];
  const choices = CHEMISTRIES.join(", ");
  if (!chemistry)
    return [`the chemistry of the cells is not clear from the pack: give it with --chemistry (${choices})`];
  const implied = inferChemistry(after, []);
  if (implied && implied !== chemistry) {
    return [
      `these are settings for ${implied} cells, and those of the pack are ${chemistry}: take a file for such cells`,
    ];
  }
  if (holdsCells(chemistry, board.cellVoltages)) return [];
  const volts = board.cellVoltages.map((millivolts) => (millivolts / 1000).toFixed(3)).join(", ");
  return [`cells of ${chemistry} cannot have ${volts} V: give their chemistry with --chemistry (${choices})`];
}

function windowIsKept({ changed, after, board, chemistry }: Proposal): readonly string[] {
  if (!chemistry) return [];
  return outside(
    changed,
    after,
    (parameter) => windowOf(parameter, chemistry, board.cells),
    (parameter, window) => `is not for ${chemistry} cells: choose ${rangeText(parameter, window)}`,
  );
}

/** The values that a parameter may have with this chemistry. */
function windowOf(parameter: Parameter, chemistry: Chemistry, cells = 0): Range | undefined {
  const [min, max] = CELL_WINDOWS[chemistry];
  if (parameter.group === "pack") return [min * cells, max * cells];
  if (HARD.test(parameter.key) || parameter.group === "temperature") return usualRange(parameter, chemistry);
  return isOfChemistry(parameter) || parameter.key.startsWith("curve_") ? CELL_WINDOWS[chemistry] : undefined;
}

/** Values that are usual whatever the chemistry: those of delays. */
function usualValuesAreKept({ changed, after, isExpert }: Proposal): readonly string[] {
  if (isExpert) return [];
  return outside(
    changed.filter((parameter) => !isOfChemistry(parameter)),
    after,
    (parameter) => usualRange(parameter, undefined),
    (parameter, usual) => `is unusual: choose ${rangeText(parameter, usual)}, or give --expert`,
  );
}

/** One sentence for each new value that is outside of its range. */
function outside(
  changed: readonly Parameter[],
  after: Values,
  rangeOf: (parameter: Parameter) => Range | undefined,
  sentence: (parameter: Parameter, range: Range) => string,
): readonly string[] {
  return changed.flatMap((parameter) => {
    const value = after[parameter.key];
    const range = rangeOf(parameter);
    if (!range || typeof value !== "number" || isWithin(value, range)) return [];
    return [`${parameter.label} (${parameter.key}) ${valueText(parameter, value)} ${sentence(parameter, range)}`];
  });
}

function releaseIsOnTheRightSide({ changed, after, board }: Proposal): readonly string[] {
  const keys = changed.map(({ key }) => key);
  return orderRules(after)
    .filter(({ low, high }) => keys.includes(low.key) || keys.includes(high.key))
    .filter((rule) => !holds(rule, after, board.cells ?? 0))
    .map(({ low, high, orEqual }) => {
      const relation = orEqual ? "must not be above" : "must be below";
      return `${termText(low, after, board)} ${relation} ${termText(high, after, board)}: change one of the two`;
    });
}

function termText({ key, perCell }: Term, values: Values, { cells }: Board): string {
  const parameter = settingOf(key);
  const value = values[key];
  if (!parameter || value === undefined) return key;
  const times = perCell ? `${cells} times ` : "";
  return `${times}${parameter.label} (${key}) ${valueText(parameter, value)}`;
}

function packAgreesWithCells({ changed, after, board }: Proposal): readonly string[] {
  const keys = changed.map(({ key }) => key);
  return ["pack_ov", "pack_ov_release", "pack_uv", "pack_uv_release"]
    .filter((key) => keys.includes(key) || keys.includes(cellKey(key)))
    .flatMap((key) => {
      const [pack, cell, cells = 0] = [after[key], after[cellKey(key)], board.cells];
      const parameter = settingOf(key);
      if (!parameter || typeof pack !== "number" || typeof cell !== "number") return [];
      const expected = cell * cells;
      if (Math.abs(pack - expected) <= expected * PACK_TOLERANCE) return [];
      const limits = `${termText({ key }, after, board)} is more than 5 % away from`;
      const sum = `${termText({ key: cellKey(key), perCell: true }, after, board)}`;
      return [`${limits} ${sum}: choose about ${valueText(parameter, expected)}`];
    });
}

function ratingIsKept({ changed, after, board: { ratedAmps, model } }: Proposal): readonly string[] {
  if (ratedAmps === undefined) return [];
  return outside(
    changed.filter(({ key }) => key === "charge_oc" || key === "discharge_oc"),
    after,
    () => [-ratedAmps, ratedAmps],
    () => `is above the rating of the board (${model}): choose ${ratedAmps} A or less`,
  );
}
