import type { HelpText, Row } from "./help-text.ts";

export interface Program {
  readonly name: string;
  readonly version: string;
  /** What the page is filed under: half a sentence without a point. */
  readonly summary: string;
  readonly help: HelpText;
  /** Of each command, by its name. */
  readonly commands: ReadonlyMap<string, HelpText>;
  readonly files: readonly Row[];
  readonly seeAlso: readonly string[];
}

/** The page in section 1, in man(7)'s language. */
export function manPage({ name, version, summary, help, commands, files, seeAlso }: Program): string {
  return [
    `.TH ${name.toUpperCase()} 1 "" "bms ${version}"`,
    ".SH NAME",
    `${plain(name)} \\- ${plain(summary)}`,
    ".SH SYNOPSIS",
    ...[help, ...commands.values()].flatMap(({ usage }) => [".nf", plain(usage), ".fi"]),
    ".SH DESCRIPTION",
    ...help.about.flatMap((paragraph) => [".PP", plain(paragraph)]),
    ...section("OPTIONS", help.options),
    ...(commands.size > 0 ? [".SH COMMANDS"] : []),
    ...[...commands].flatMap(([command, text]) => commandSection(command, text)),
    ...section("EXAMPLES", help.examples),
    ".SH NOTES",
    ...help.notes.flatMap((line) => [".PP", plain(line)]),
    ...section("FILES", files),
    ".SH SEE ALSO",
    seeAlso.map(plain).join(", "),
    "",
  ].join("\n");
}

function commandSection(command: string, { usage, about, args, options, examples }: HelpText): string[] {
  const known = options.filter(({ term }) => !term.includes("--help"));
  return [
    `.SS ${plain(usage || command)}`,
    ...about.flatMap((paragraph) => [".PP", plain(paragraph)]),
    ...[...args, ...known, ...examples].flatMap(item),
  ];
}

function section(title: string, rows: readonly Row[]): string[] {
  return rows.length > 0 ? [`.SH ${title}`, ...rows.flatMap(item)] : [];
}

const item = ({ term, meaning }: Row) => [".TP", `.B ${plain(term)}`, plain(meaning)];

/** Text in which nothing is taken for a request: backslashes, minus signs, and a point or quote at the head of a line. */
function plain(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/, "\\&$1");
}
