// Static scripts: @bomb.sh/tab 0.0.22 would start Node at every Tab, evaluate the typed words in bash, and offer no files.
import type { Command } from "../../common/cli/command.ts";
import { type Program, summaryOf } from "../../common/cli/command-line.ts";
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
const shortOf = ({ flags }: OptionRow) => /^-([a-z]),/.exec(flags)?.[1];

/** Bash: commands, their options, values and arguments. */
function bash(program: Program): string {
  const { name, main, named } = parts(program);
  const names = named.map((command) => command.name).join(" ");
  const rows = new Map([main, ...named].flatMap(rowsOf).map((row) => [flagOf(row), row]));
  const values = [...rows]
    .filter(([, row]) => takesValue(row))
    .map(([flag, row]) => `    ${flag}) ${bashValue(row)}return ;;\n`);
  const words = named.map((command) => `    ${command.name}) words="${bashWords(command)}" ;;\n`);
  const files = named.filter(({ argument }) => argument?.completes === "file").map((command) => command.name);
  const call = `_${name.replaceAll("-", "_")}`;
  return `# bash completion for ${name}
${call}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ " ${names} " == *" $word "* ]] && command=$word && break
  done
  COMPREPLY=()
  case $previous in
${values.join("")}  esac
  case $command in
${words.join("")}    *) words="${[names, ...rowsOf(main).map(flagOf)].join(" ").trim()}" ;;
  esac
  ${bashOffer('-W "$words --help"')}
${files.map((file) => `  [[ $command == ${file} && $current != -* ]] && ${bashOffer("-f")}\n`).join("")}}
complete -F ${call} ${name}
`;
}

const bashOffer = (action: string) => `mapfile -t COMPREPLY < <(compgen ${action} -- "$current")`;
const BASH_BATTERIES = "$(for file in /etc/bms/agents/*.env; do [[ -e $file ]] && basename $file .env; done)";

function bashWords(command: Command): string {
  const batteries = command.argument?.completes === "battery" ? [BASH_BATTERIES] : [];
  return [...batteries, ...rowsOf(command).map(flagOf)].join(" ");
}

function bashValue({ completes, choices }: OptionRow): string {
  if (completes) return `${bashOffer(completes === "file" ? "-f" : "-d")}; `;
  return choices ? `${bashOffer(`-W "${choices.join(" ")}"`)}; ` : "";
}

/** Zsh: the same with descriptions, by _arguments. */
function zsh(program: Program): string {
  const { name, main, named } = parts(program);
  const commands = named.map((command) => `    ${zshQuoted(`${command.name}:${summaryOf(command.about)}`)}\n`);
  const cases = named.map(
    (command) =>
      `        ${command.name}) _arguments ${[...zshOptions(command), ...zshArgument(command)].join(" ")} ;;\n`,
  );
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

function zshArgument({ argument }: Command): string[] {
  if (argument?.completes === "file") return ["'1:file:_files'"];
  return argument?.completes === "battery" ? ["'1:battery:{compadd -- /etc/bms/agents/*.env(N:t:r)}'"] : [];
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
    ...named.map(
      (command) => `complete -c ${name}${none} -a ${command.name} -d ${fishQuoted(summaryOf(command.about))}`,
    ),
    ...rowsOf(main).map((row) => `complete -c ${name}${none}${fishOption(row)}`),
    ...named.flatMap((command) => {
      const inside = `complete -c ${name} -n '__fish_seen_subcommand_from ${command.name}'`;
      return [...rowsOf(command).map((row) => `${inside}${fishOption(row)}`), ...fishArgument(command, inside)];
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

function fishArgument({ argument }: Command, inside: string): string[] {
  if (argument?.completes === "file") return [`${inside} -F`];
  if (argument?.completes !== "battery") return [];
  return [`${inside} -a '(for file in /etc/bms/agents/*.env; basename $file .env; end)'`];
}

const fishQuoted = (text: string) => `'${text.replace(/['\\]/g, "\\$&")}'`;
