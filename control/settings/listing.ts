import { FAMILIES } from "../../agent/drivers/jbd/settings/families.ts";
import { CHIPS } from "../../agent/drivers/jbd/settings/front-end.ts";
import { shownGroups } from "../../agent/drivers/jbd/settings/words.ts";
import { formatColumns } from "../../common/cli/text.ts";
import type { Address } from "../../common/model/address.ts";
import { countersOf, type PackSettings } from "./pack-settings.ts";
import { hex } from "./write-registers.ts";

export interface NamedPack {
  readonly name: string;
  readonly address: Address;
}

/** For people: the board, then every setting by group, with a mark where it is unusual. */
export function settingsTable({ name, address }: NamedPack, read: PackSettings): string {
  const { board, chemistry, settings } = read;
  const facts = [
    ["pack", name === address ? name : `${name}, ${address}`],
    ["board", boardText(read)],
    ["front end", chipText(board.coding.chip)],
    ["chemistry", chemistryText(read)],
  ];
  const groups = shownGroups(settings.values, { chemistry, cells: board.cells });
  const rows = groups.flatMap(({ group, settings }) => [
    [""],
    [group],
    ...settings.map(({ parameter, text, usual }) => [
      `  ${parameter.key}`,
      parameter.label,
      usual === undefined ? text : `${text}   unusual: ${usual} is usual${chemistry ? ` for ${chemistry}` : ""}`,
    ]),
  ]);
  const hasMarks = groups.some(({ settings }) => settings.some(({ usual }) => usual !== undefined));
  const legend = hasMarks
    ? "\nA value that is unusual may be right: the maker of the pack may have had a reason.\n"
    : "";
  return `${formatColumns(facts)}${formatColumns(rows)}${legend}`;
}

function boardText({ board }: PackSettings): string {
  const { model, family, software, cells } = board;
  const parts = [
    model,
    FAMILIES[family].name,
    software && `software ${software}`,
    cells !== undefined && `${cells} cells`,
    FAMILIES[family].isWritable ? "" : "can be read, and is not written",
  ];
  return parts.filter(Boolean).join(", ");
}

function chipText(chip: number | undefined): string {
  return chip === undefined ? "not reported, so probably one by TI" : (CHIPS[chip] ?? `number ${chip}, unknown`);
}

function chemistryText({ chemistry, isChemistryGiven }: PackSettings): string {
  if (!chemistry) return "not clear: give it with --chemistry to mark what is unusual";
  return isChemistryGiven ? chemistry : `${chemistry}, by its settings and cell voltages`;
}

/** For programs: one object. */
export function settingsFacts({ name, address }: NamedPack, read: PackSettings) {
  const { board, chemistry, settings, state } = read;
  const { family, software, model, cells, coding } = board;
  const shown = shownGroups(settings.values, { chemistry, cells }).flatMap(({ settings }) => settings);
  return {
    name,
    address,
    at: new Date(state.takenAt).toISOString(),
    family,
    model: model ?? null,
    software: software ?? null,
    cells: cells ?? null,
    chip: coding.chip ?? null,
    chemistry: chemistry ?? null,
    counters: countersOf(state),
    values: settings.values,
    unusual: shown.flatMap(({ parameter, usual }) => (usual === undefined ? [] : [parameter.key])),
    registers: Object.fromEntries(
      [...settings.registers].map(([register, data]) => [`0x${register.toString(16)}`, hex(data)]),
    ),
  };
}
