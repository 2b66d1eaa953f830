import type { HelpText, Row } from "./help-text.ts";

/** Commands whose argument is a battery that is set up here. */
const TAKE_BATTERY = ["release", "remove"];
/** Options whose value is a file. */
const TAKE_FILE = /--(pin-file|capture|telegraf-config)$/;

const BATTERIES = "$(for file in /etc/bms/agents/*.env; do [[ -e $file ]] && basename $file .env; done)";

/** Completion for bash: commands, each one's options, their values where these are a few words, names of batteries. */
export function bashCompletion(name: string, help: HelpText, commands: ReadonlyMap<string, HelpText>): string {
  const rows = [help, ...commands.values()].flatMap(({ options }) => options);
  const values = new Map(rows.filter(takesValue).map((row) => [flagOf(row), valueOffer(row)]));
  const names = [...commands.keys()].join(" ");
  const call = `_${name.replaceAll("-", "_")}`;
  return `# bash completion for ${name}
${call}() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command= word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ " ${names} " == *" $word "* ]] && command=$word && break
  done
  COMPREPLY=()
  case $before in
${[...values].map(([flag, value]) => `    ${flag}) ${value}return ;;\n`).join("")}  esac
  case $command in
${[...commands].map(([command, text]) => `    ${command}) word="${wordsAfter(command, text)}" ;;\n`).join("")}\
    *) word="${[names, ...help.options.map(flagOf)].join(" ").trim()}" ;;
  esac
  ${offer('-W "$word"')}
}
complete -F ${call} ${name}
`;
}

const offer = (what: string) => `mapfile -t COMPREPLY < <(compgen ${what} -- "$current")`;

/** The long form of a row's flags. */
const flagOf = ({ term }: Row) => /--[a-z-]+/.exec(term)?.[0] ?? term;
const takesValue = ({ term }: Row) => term.includes("<");

function wordsAfter(command: string, { options }: HelpText): string {
  const words = options.map(flagOf);
  return [...words, ...(TAKE_BATTERY.includes(command) ? [BATTERIES] : [])].join(" ");
}

/** What to offer for the value of an option; nothing where only the operator can know. */
function valueOffer(row: Row): string {
  if (TAKE_FILE.test(flagOf(row))) return `${offer("-f")}; `;
  const words = choices(row);
  return words.length > 0 ? `${offer(`-W "${words.join(" ")}"`)}; ` : "";
}

/** The words in a meaning such as "the way there: auto, bluez, hci" or "jbd (these packs), thornwave (those)". */
function choices({ meaning }: Row): string[] {
  const list = /^(?:[^:(]*: )?((?:[a-z]+(?: \([^)]*\))?, )+[a-z]+)/.exec(meaning)?.[1];
  return list ? list.replace(/ \([^)]*\)/g, "").split(", ") : [];
}
