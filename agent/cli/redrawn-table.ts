/** A terminal's size, in characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** Shows a text in place of the previous one. */
export type RedrawnTable = (text: string) => void;

/** A table on a terminal, cut to its size: a wrapped line could not be erased again. */
export function redrawnTable(print: (text: string) => void, size: () => TerminalSize): RedrawnTable {
  let shown = 0;
  return (text) => {
    const { rows, columns } = size();
    const lines = text.split("\n").filter((line, at, all) => line !== "" || at < all.length - 1);
    const fitting = lines.slice(0, rows - 1).map((line) => line.slice(0, columns));
    print(`${eraseLines(shown)}${fitting.map((line) => `${line}\n`).join("")}`);
    shown = fitting.length;
  };
}

/** To the beginning of the line that many lines above, and everything after it erased (ECMA-48: CPL, ED). */
function eraseLines(lines: number): string {
  return lines === 0 ? "" : `\x1b[${lines}F\x1b[J`;
}
