import type { Command } from "../../common/cli/command.ts";
import { argumentsOf, EXIT_STATUS, usageOf } from "../../common/cli/command-line.ts";
import { describeOption } from "../../common/cli/option.ts";
import type { DocumentedProgram } from "./programs.ts";

/** The page in section 1, in man(7)'s language. */
export function manPage(program: DocumentedProgram, version: string, seeAlso: readonly string[]): string {
  const { name, about, summary, commands, files } = program;
  const main = commands.find((command) => command.name === "");
  const named = commands.filter((command) => command.name !== "");
  return [
    `.TH ${name.toUpperCase()} 1 "" "bms ${version}"`,
    ".SH NAME",
    `${plain(name)} \\- ${plain(summary)}`,
    ".SH SYNOPSIS",
    ...commands.flatMap((command) => [".nf", plain(usageOf(name, command)), ".fi"]),
    ".SH DESCRIPTION",
    ...paragraph(main?.about ?? about ?? ""),
    ".SH OPTIONS",
    ...(main ? options(main) : []),
    ...item("-V, --version", "print the version"),
    ...item("-h, --help", "print the help, also of a command"),
    ...(main ? [".SH EXAMPLES", ...examples(main)] : []),
    ...(named.length > 0 ? [".SH COMMANDS"] : []),
    ...named.flatMap((command) => section(name, command)),
    ".SH NOTES",
    ...EXIT_STATUS.split("\n").flatMap(paragraph),
    ".SH FILES",
    ...files.flatMap(([path, meaning]) => item(path, meaning)),
    ".SH SEE ALSO",
    seeAlso.map(plain).join(", "),
    "",
  ].join("\n");
}

function section(program: string, command: Command): string[] {
  return [
    `.SS ${plain(usageOf(program, command))}`,
    ...paragraph(command.about),
    ...argumentsOf(command).flatMap(({ name, about }) => item(name, about)),
    ...options(command),
    ".PP",
    "Examples:",
    ...examples(command),
  ];
}

const options = ({ options }: Command) => Object.values(options).flatMap((row) => item(row.flags, describeOption(row)));
const examples = ({ examples }: Command) => examples.flatMap(([line, about]) => item(line, about));
const paragraph = (text: string) => [".PP", plain(text.replaceAll("\n", " "))];
const item = (term: string, meaning: string) => [".TP", `.B ${plain(term)}`, plain(meaning)];

/** Text in which nothing is taken for a request: backslashes, minus signs, and a point or quote at the head of a line. */
function plain(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/, "\\&$1");
}
