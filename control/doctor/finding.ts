import { printable } from "../../common/model/printable.ts";

/** The doctor's verdict on one thing. */
export interface Finding {
  /** The thing, in a word or two. */
  readonly about: string;
  /** `note`: worth knowing, not a fault. `unknown`: it could not be checked. */
  readonly verdict: "ok" | "note" | "wrong" | "unknown";
  /** Half a sentence that continues `about`. */
  readonly message: string;
  /** The next step, as an imperative. */
  readonly remedy?: string;
}

type MakeFinding = (about: string, message: string, remedy?: string) => Finding;

const findingWith =
  (verdict: Finding["verdict"]): MakeFinding =>
  (about, message, remedy) => ({ about, verdict, message, ...(remedy !== undefined && { remedy }) });

export const ok = findingWith("ok");
export const note = findingWith("note");
export const wrong = findingWith("wrong");
export const unknown = findingWith("unknown");

const WORDS = { ok: "OK", note: "NOTE", wrong: "WRONG", unknown: "?" } as const;
/** ECMA-48: bold red. */
const RED = ["\x1b[1;31m", "\x1b[m"] as const;

/** One line for people. With colours a fault begins in red. */
export function formatFinding({ about, verdict, message, remedy }: Finding, hasColours = false): string {
  const [begin, end] = hasColours && verdict === "wrong" ? RED : ["", ""];
  const text = printable(`${about}: ${message}${remedy === undefined ? "" : `: ${remedy}`}`);
  return `${begin}${WORDS[verdict].padEnd(6)}${end} ${text}\n`;
}
