/** A terminal's size, in characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** A text at the bottom of a terminal that is replaced in place. */
export interface RedrawnTable {
  /** Shows a text in place of the previous one. */
  show(text: string): void;
  /** Prints a line above the text, where it stays. */
  printAbove(line: string): void;
  /** Leaves the present text where it is; what follows is printed below it. */
  keep(): void;
}

/** A table on a terminal, cut to its size: a wrapped line could not be erased again. */
export function redrawnTable(print: (text: string) => void, size: () => TerminalSize): RedrawnTable {
  let shown: readonly string[] = [];
  return {
    show(text) {
      const { rows, columns } = knownSize(size());
      const lines = text.split("\n").filter((line, at, all) => line !== "" || at < all.length - 1);
      const fitting = lines.slice(0, rows - 1).map((line) => line.slice(0, columns));
      print(`${eraseLines(shown.length)}${asText(fitting)}`);
      shown = fitting;
    },
    keep() {
      shown = [];
    },
    printAbove: (line) => print(`${eraseLines(shown.length)}${line}\n${asText(shown)}`),
  };
}

/** A serial console reports 0 for a size that it does not know. */
export function knownSize({ rows, columns }: TerminalSize): TerminalSize {
  return { rows: rows || 24, columns: columns || 80 };
}

const asText = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");

/** To the beginning of the line that many lines above, and everything after it erased (ECMA-48: CPL, ED). */
function eraseLines(lines: number): string {
  return lines === 0 ? "" : `\x1b[${lines}F\x1b[J`;
}
