import { parse, TomlDate, TomlError } from "smol-toml";
import {
  CHEMISTRIES,
  GROUPS,
  type Parameter,
  type Structure,
  type Value,
} from "../../../agent/drivers/jbd/settings/parameter.ts";
import { SETTINGS, settingOf } from "../../../agent/drivers/jbd/settings/table/table.ts";
import { shownNumber } from "../../../agent/drivers/jbd/settings/words.ts";
import { printable } from "../../../common/model/printable.ts";
import { type PackFacts, type Profile, ProfileError } from "./profile.ts";

/** A file for people: facts about the pack, and a table for each group of settings. */
export function tomlText({ pack, values }: Profile): string {
  const groups = GROUPS.flatMap((group) => {
    const lines = SETTINGS.filter((parameter) => parameter.group === group).flatMap((parameter) => {
      const value = values[parameter.key];
      return value === undefined ? [] : [settingLine(parameter, value)];
    });
    return lines.length === 0 ? [] : [[`[${group}]`, ...lines].join("\n")];
  });
  return `${[HEADER, aboutTable(pack), ...groups].join("\n\n")}\n`;
}

const HEADER =
  "# Settings of a JBD pack. `bmsctl settings apply FILE NAME` shows what differs; it writes nothing without --write.";

function aboutTable({ name, device, model, firmware, cells, chemistry, savedAt }: PackFacts): string {
  const facts = { name, device, model, firmware, cells, chemistry };
  const lines = Object.entries(facts).flatMap(([key, fact]) =>
    fact === undefined ? [] : [`${key} = ${literal(fact)}`],
  );
  const time = savedAt === undefined ? [] : [`saved = ${new Date(savedAt).toISOString()}`];
  return ["[about]", ...lines, ...time].join("\n");
}

/** `cell_ov = 3.650 # V, cell over-voltage`. */
function settingLine(parameter: Parameter, value: Value): string {
  const { key, label, unit, decimals } = parameter;
  const text =
    typeof value === "number" ? shownNumber(parameter, value).toFixed(decimals) : literal(namedBits(parameter, value));
  return `${key} = ${text} # ${unit === "" ? label : `${unit}, ${label}`}`;
}

function namedBits({ field }: Parameter, value: Value): Value | readonly (string | number)[] {
  return field.kind === "bits" && Array.isArray(value) ? value.map((bit) => field.names[bit] ?? bit) : value;
}

type Literal = string | number | boolean | readonly (string | number)[] | Structure;

function literal(value: Literal): string {
  if (typeof value === "string") return printable(JSON.stringify(value));
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object") return String(value);
  const parts = Object.entries(value).filter(([name]) => name !== CHIP);
  return `{ ${parts.map(([name, part]) => `${name} = ${literal(part)}`).join(", ")} }`;
}

/** The chip that a coding belongs to is no part of the setting. */
const CHIP = "chip";

/** @throws {ProfileError} when it is not TOML, names an unknown setting, or holds a value of another type */
export function parseToml(text: string): Profile {
  const { about, ...groups } = tablesIn(text);
  const values: Record<string, Value> = {};
  for (const [group, settings] of Object.entries(groups)) {
    if (!GROUPS.some((known) => known === group)) {
      throw new ProfileError(`there is no group [${group}] of settings: take one of ${GROUPS.join(", ")}`);
    }
    for (const [key, value] of Object.entries(tableOf(group, settings))) {
      const parameter = settingOf(key);
      if (!parameter) throw new ProfileError(`there is no setting ${key} (in [${group}])`);
      if (values[key] !== undefined) throw new ProfileError(`${key} is there twice: leave one of the two out`);
      values[key] = fileValue(parameter, value);
    }
  }
  const pack = about === undefined ? {} : packFacts(tableOf("about", about));
  return { pack, values: pack.cells === undefined ? values : { cells: pack.cells, ...values } };
}

type Table = Readonly<Record<string, unknown>>;

function tablesIn(text: string): Table {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason] = error.message.split("\n");
    throw new ProfileError(`this is no TOML (line ${error.line}: ${reason})`, { cause: error });
  }
}

function tableOf(name: string, value: unknown): Table {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ProfileError(`${name} must be a table: write [${name}] above its lines`);
  }
  return value as Table;
}

function packFacts(table: Table): PackFacts {
  const { name, device, model, firmware, cells, chemistry, saved } = table;
  const known = CHEMISTRIES.find((other) => other === chemistry);
  if (chemistry !== undefined && !known) throw new ProfileError(`chemistry must be one of ${CHEMISTRIES.join(", ")}`);
  if (cells !== undefined && !Number.isInteger(cells)) throw new ProfileError("cells must be an integer");
  const texts = Object.entries({ name, device, model, firmware }).filter(([, fact]) => typeof fact === "string");
  return {
    ...Object.fromEntries(texts),
    ...(typeof cells === "number" && { cells }),
    ...(known && { chemistry: known }),
    ...(saved instanceof TomlDate && { savedAt: saved.getTime() }),
  };
}

/** The value of a setting, if it is one of its type. */
function fileValue(parameter: Parameter, value: unknown): Value {
  const { key, field } = parameter;
  switch (field.kind) {
    case "number":
    case "shunt":
      if (typeof value !== "number" || !Number.isFinite(value)) throw new ProfileError(`${key} must be a number`);
      return shownNumber(parameter, value);
    case "bits":
      return bitsOf(key, field.names, value);
    case "text":
    case "date":
      if (typeof value !== "string") throw new ProfileError(`${key} must be a text`);
      return value;
    default:
      return partsOf(key, tableOf(key, value));
  }
}

function bitsOf(key: string, names: readonly (string | undefined)[], value: unknown): readonly number[] {
  if (!Array.isArray(value)) throw new ProfileError(`${key} must be a list of names or of bits from 0 to 15`);
  const bits = value.map((entry) => (typeof entry === "string" ? names.indexOf(entry) : Number(entry)));
  const wrong = value.find((_, i) => !Number.isInteger(bits[i]) || (bits[i] ?? -1) < 0 || (bits[i] ?? 16) > 15);
  if (wrong !== undefined) throw new ProfileError(`${key} has no bit ${wrong}`);
  return [...new Set(bits)].sort((a, b) => a - b);
}

function partsOf(key: string, table: Table): Structure {
  for (const [name, part] of Object.entries(table)) {
    if (!["number", "boolean", "string"].includes(typeof part))
      throw new ProfileError(`${key}.${name} must be a number`);
  }
  return { ...table } as Structure;
}
