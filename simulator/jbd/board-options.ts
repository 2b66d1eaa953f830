import type { BoardOptions } from "./board.ts";
import { UNSAVED, type Unsaved } from "./eeprom.ts";
import { FAMILIES, type FamilyName, familyOf } from "./families.ts";
import type { JbdPreset } from "./presets.ts";

/** Choices about a board; what is absent follows from the preset, or is the first choice. */
export interface BoardChoice {
  readonly family?: FamilyName;
  readonly unsaved?: Unsaved;
  /** Number of the front-end chip; absent where the board does not report it. */
  readonly chip?: number;
  readonly link?: "kept" | "ended";
  readonly load?: "usual" | "none";
}

const DEFAULT_UNSAVED: Unsaved = "volatile";
const LINK = {
  kept: "a lost link leaves the board in factory mode",
  ended: "a lost link ends factory mode without saving",
} as const;
const LOAD = {
  usual: "the pack is charged and discharged in turn",
  none: "no current flows",
} as const;
const LAST_CHIP = 6;

export function boardOptions(preset: JbdPreset, choice: BoardChoice = {}): BoardOptions {
  return {
    family: FAMILIES[choice.family ?? familyOf(preset)],
    unsaved: choice.unsaved ?? DEFAULT_UNSAVED,
    chip: choice.chip,
    linkEndsFactoryMode: choice.link === "ended",
  };
}

/** The preset as the load leaves it. */
export function loadedPreset(preset: JbdPreset, { load }: BoardChoice = {}): JbdPreset {
  const { flow } = preset.pack;
  if (load !== "none" || !flow) return preset;
  return { ...preset, pack: { ...preset.pack, flow: { ...flow, amps: 0 } } };
}

/** Parses choices like `family=classic,unsaved=stored`. @throws {RangeError} with a message for people */
export function parseBoardChoice(list: string): BoardChoice {
  const parts = list.split(",").filter((part) => part !== "");
  return Object.assign({}, ...parts.map(parsePart));
}

/** The inverse of parseBoardChoice. */
export function formatBoardChoice(choice: BoardChoice): string {
  return Object.entries(choice)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
}

function parsePart(part: string): BoardChoice {
  const [, name = "", value = ""] = /^([^=]*)=(.*)$/.exec(part) ?? [];
  switch (name) {
    case "family":
      return { family: oneOf(FAMILIES, name, value) };
    case "unsaved":
      return { unsaved: oneOf(UNSAVED, name, value) };
    case "link":
      return { link: oneOf(LINK, name, value) };
    case "load":
      return { load: oneOf(LOAD, name, value) };
    case "chip":
      if (!/^\d$/.test(value) || Number(value) > LAST_CHIP) throw new RangeError(`chip must be 0 to ${LAST_CHIP}`);
      return { chip: Number(value) };
    default:
      throw new RangeError(`no choice "${part}": write NAME=VALUE with one of family, unsaved, link, load, chip`);
  }
}

function oneOf<Name extends string>(table: Readonly<Record<Name, unknown>>, choice: string, value: string): Name {
  const names = Object.keys(table) as Name[];
  const found = names.find((name) => name === value);
  if (found === undefined) throw new RangeError(`${choice} must be one of ${names.join(", ")}`);
  return found;
}

/** All choices, for `--help`. */
export function describeBoardChoices(): string {
  const families = Object.entries(FAMILIES).map(([name, { about }]) => [`family=${name}`, about]);
  const unsaved = Object.entries(UNSAVED).map(([name, about]) => [`unsaved=${name}`, about]);
  const links = Object.entries(LINK).map(([name, about]) => [`link=${name}`, about]);
  const loads = Object.entries(LOAD).map(([name, about]) => [`load=${name}`, about]);
  return [...families, ...unsaved, ...links, ...loads, ["chip=N", "0x00 answers with the front-end chip N, 0 to 6"]]
    .map(([choice = "", about]) => `  ${choice.padEnd(20)}${about}`)
    .join("\n");
}
