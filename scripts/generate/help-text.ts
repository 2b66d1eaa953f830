/** What a program says of itself with --help, as commander lays it out. */
export interface HelpText {
  /** `bms-agent add [options] [name]` */
  readonly usage: string;
  /** Paragraphs, each on one line. */
  readonly about: readonly string[];
  readonly args: readonly Row[];
  readonly options: readonly Row[];
  readonly commands: readonly Row[];
  /** Command lines with what they do. */
  readonly examples: readonly Row[];
  /** What stands at the end, line by line. */
  readonly notes: readonly string[];
}

export interface Row {
  readonly term: string;
  readonly meaning: string;
}

const TABLES = {
  "Arguments:": "args",
  "Options:": "options",
  "Commands:": "commands",
  "Examples:": "examples",
} as const;

/** @throws {Error} where the text is not laid out so */
export function parseHelpText(text: string): HelpText {
  const [usage = "", ...blocks] = text.trimEnd().split(/\n{2,}/);
  if (!usage.startsWith("Usage: ")) throw new Error(`no help text: ${usage}`);
  const about: string[] = [];
  const notes: string[] = [];
  const tables = { args: [] as Row[], options: [] as Row[], commands: [] as Row[], examples: [] as Row[] };
  let isBehindTables = false;
  for (const block of blocks) {
    const [heading = "", ...lines] = block.split("\n");
    if (heading in TABLES) {
      isBehindTables = true;
      tables[TABLES[heading as keyof typeof TABLES]].push(...rows(lines));
    } else if (isBehindTables) notes.push(...block.split("\n"));
    else about.push(joined(block.split("\n")));
  }
  return { usage: usage.slice("Usage: ".length), about, ...tables, notes };
}

/** A row begins two blanks in; what is further in goes on with the meaning of the row before. */
function rows(lines: readonly string[]): Row[] {
  const found: { term: string; meaning: string }[] = [];
  for (const line of lines) {
    const [, term = "", meaning = ""] = /^ {2}(\S.*?)(?: {2,}(\S.*))?$/.exec(line) ?? [];
    const last = found.at(-1);
    if (term) found.push({ term, meaning });
    else if (last) last.meaning = joined([last.meaning, line]);
  }
  return found;
}

const joined = (lines: readonly string[]) =>
  lines
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ");
