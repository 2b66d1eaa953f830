// Static scripts: @bomb.sh/tab 0.0.22 would start Node at every Tab, evaluate the typed words in bash, and offer no files.
import type { Command } from "../../common/cli/command.ts";
import { argumentsOf, type Program, summaryOf } from "../../common/cli/command-line.ts";
import { flagOf, type OptionRow, takesValue } from "../../common/cli/option.ts";

export const SHELLS = { bash, zsh, fish } as const;

interface Completed {
  readonly name: string;
  /** The command that runs where none is named. */
  readonly main: Command | undefined;
  readonly named: readonly Command[];
}

function parts({ name, commands }: Program): Completed {
  return {
    name,
    main: commands.find((command) => command.name === ""),
    named: commands.filter((command) => command.name !== ""),
  };
}

const rowsOf = (command: Command | undefined): OptionRow[] => Object.values(command?.options ?? {});
const topOf = (named: readonly Command[]) => named.filter(({ name }) => !name.includes(" "));
/** Words that follow a command: the last words of the commands below it. */
const belowOf = (named: readonly Command[], { name }: Command) =>
  named.flatMap((command) => (command.name.startsWith(`${name} `) ? [command.name.slice(name.length + 1)] : []));
const offers = (command: Command, kind: "battery" | "file") =>
  argumentsOf(command).some(({ completes }) => completes === kind);
const shortOf = ({ flags }: OptionRow) => /^-([a-z]),/.exec(flags)?.[1];

/** Bash: commands, their options, values and arguments. */
function bash(program: Program): string {
  const { name, main, named } = parts(program);
  const names = topOf(named)
    .map((command) => command.name)
    .join(" ");
  const rows = new Map([main, ...named].flatMap(rowsOf).map((row) => [flagOf(row), row]));
  const values = [...rows]
    .filter(([, row]) => takesValue(row))
    .map(([flag, row]) => `    ${flag}) ${bashValue(row)}return ;;\n`);
  const words = named.map((command) => `    "${command.name}") words="${bashWords(command, named)}" ;;\n`);
  const files = named.filter((command) => offers(command, "file")).map((command) => command.name);
  const call = `_${name.replaceAll("-", "_")}`;
  return `# bash completion for ${name}
${call}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ "|${named.map((command) => command.name).join("|")}|" == *"|\${command:+$command }$word|"* ]] && command="\${command:+$command }$word"
  done
  COMPREPLY=()
  case $previous in
${values.join("")}  esac
  case $command in
${words.join("")}    *) words="${[names, ...rowsOf(main).map(flagOf)].join(" ").trim()}" ;;
  esac
  ${bashOffer('-W "$words --help"')}
${files.map((file) => `  [[ $command == "${file}" && $current != -* ]] && ${bashOffer("-f")}\n`).join("")}}
complete -F ${call} ${name}
`;
}

const bashOffer = (action: string) => `mapfile -t COMPREPLY < <(compgen ${action} -- "$current")`;
const BASH_BATTERIES = "$(for file in /etc/bms/agents/*.env; do [[ -e $file ]] && basename $file .env; done)";

function bashWords(command: Command, named: readonly Command[]): string {
  const batteries = offers(command, "battery") ? [BASH_BATTERIES] : [];
  return [...belowOf(named, command), ...batteries, ...rowsOf(command).map(flagOf)].join(" ");
}

function bashValue({ completes, choices }: OptionRow): string {
  if (completes) return `${bashOffer(completes === "file" ? "-f" : "-d")}; `;
  return choices ? `${bashOffer(`-W "${choices.join(" ")}"`)}; ` : "";
}

/** Zsh: the same with descriptions, by _arguments. */
function zsh(program: Program): string {
  const { name, main, named } = parts(program);
  const commands = topOf(named).map((command) => `    ${zshQuoted(`${command.name}:${summaryOf(command.about)}`)}\n`);
  const call = (command: Command) =>
    `_arguments ${[...zshOptions(command), ...zshArguments(command, named)].join(" ")} ;;\n`;
  const cases = topOf(named).map((command) => {
    const below = belowOf(named, command).flatMap((word) => {
      const found = named.find(({ name }) => name === `${command.name} ${word}`);
      return found ? [`            ${word}) shift words; (( CURRENT-- )); ${call(found)}`] : [];
    });
    const own = call(command);
    if (below.length === 0) return `        ${command.name}) ${own}`;
    return `        ${command.name})
          case $words[2] in
${below.join("")}            *) ${own}          esac ;;
`;
  });
  if (named.length === 0) return `#compdef ${name}\n_arguments ${zshOptions(main).join(" ")}\n`;
  return `#compdef ${name}
_${name}() {
  local curcontext=$curcontext state line
  local -a commands=(
${commands.join("")}  )
  _arguments -C ${zshOptions(main).join(" ")} '1: :->command' '*:: :->words'
  case $state in
    command) _describe command commands ;;
    words)
      case $words[1] in
${cases.join("")}      esac ;;
  esac
}
_${name} "$@"
`;
}

function zshOptions(command: Command | undefined): string[] {
  const help = "'(-h --help)'{-h,--help}'[print this help]'";
  return [...rowsOf(command).map(zshOption), help];
}

function zshOption(row: OptionRow): string {
  const long = flagOf(row);
  const short = shortOf(row);
  const flags = row.isList ? `'*'${long}` : short ? `'(-${short} ${long})'{-${short},${long}}` : long;
  const value = takesValue(row) ? `:${/<([a-z]+)/.exec(row.flags)?.[1]}:${zshAction(row)}` : "";
  return `${flags}${zshQuoted(`[${zshEscaped(summaryOf(row.about))}]${value}`)}`;
}

function zshAction({ completes, choices }: OptionRow): string {
  if (completes) return completes === "file" ? "_files" : "_files -/";
  return choices ? `(${choices.join(" ")})` : "";
}

function zshArguments(command: Command, named: readonly Command[]): string[] {
  const below = belowOf(named, command);
  return argumentsOf(command).flatMap(({ completes, isList }, i) => {
    const place = isList ? "*" : i + 1;
    if (completes === "file") return [`'${place}:file:_files'`];
    const words = i === 0 && below.length > 0 ? [`compadd -- ${below.join(" ")}`] : [];
    if (completes === "battery") words.push("compadd -- /etc/bms/agents/*.env(N:t:r)");
    return words.length > 0 ? [`'${place}:word:{${words.join("; ")}}'`] : [];
  });
}

const zshEscaped = (text: string) => text.replace(/[[\]:\\]/g, "\\$&");
const zshQuoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** Fish: one line per command and option. */
function fish(program: Program): string {
  const { name, main, named } = parts(program);
  const none = named.length > 0 ? " -n __fish_use_subcommand" : "";
  return [
    `# fish completion for ${name}`,
    `complete -c ${name} -f`,
    `complete -c ${name} -s h -l help -d 'print this help'`,
    ...topOf(named).map(
      (command) => `complete -c ${name}${none} -a ${command.name} -d ${fishQuoted(summaryOf(command.about))}`,
    ),
    ...rowsOf(main).map((row) => `complete -c ${name}${none}${fishOption(row)}`),
    ...named.flatMap((command) => {
      const seen = command.name.split(" ").map((word) => `__fish_seen_subcommand_from ${word}`);
      const inside = `complete -c ${name} -n '${seen.join("; and ")}'`;
      const below = belowOf(named, command).map((word) => `${inside} -a ${word}`);
      return [
        ...below,
        ...rowsOf(command).map((row) => `${inside}${fishOption(row)}`),
        ...fishArgument(command, inside),
      ];
    }),
    "",
  ].join("\n");
}

function fishOption(row: OptionRow): string {
  const short = shortOf(row);
  const flags = `${short ? ` -s ${short}` : ""} -l ${flagOf(row).slice(2)}`;
  return `${flags}${fishValue(row)} -d ${fishQuoted(summaryOf(row.about))}`;
}

function fishValue(row: OptionRow): string {
  if (!takesValue(row)) return "";
  if (row.completes) return row.completes === "file" ? " -r -F" : " -x -a '(__fish_complete_directories)'";
  return row.choices ? ` -x -a ${fishQuoted(row.choices.join(" "))}` : " -x";
}

function fishArgument(command: Command, inside: string): string[] {
  return [
    ...(offers(command, "file") ? [`${inside} -F`] : []),
    ...(offers(command, "battery")
      ? [`${inside} -a '(for file in /etc/bms/agents/*.env; basename $file .env; end)'`]
      : []),
  ];
}

const fishQuoted = (text: string) => `'${text.replace(/['\\]/g, "\\$&")}'`;
