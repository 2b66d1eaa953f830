/** The doctor's verdict on one thing. */
export interface Finding {
  /** The thing, in a word or two. */
  readonly about: string;
  /** `unknown` if it could not be checked. */
  readonly verdict: "ok" | "wrong" | "unknown";
  /** Half a sentence that continues `about`. */
  readonly message: string;
  /** What to do, as an imperative. */
  readonly remedy?: string;
}

type MakeFinding = (about: string, message: string, remedy?: string) => Finding;

const findingWith =
  (verdict: Finding["verdict"]): MakeFinding =>
  (about, message, remedy) => ({ about, verdict, message, ...(remedy !== undefined && { remedy }) });

export const ok = findingWith("ok");
export const wrong = findingWith("wrong");
export const unknown = findingWith("unknown");

const WORDS = { ok: "OK", wrong: "WRONG", unknown: "?" } as const;

/** One line for people. */
export function formatFinding({ about, verdict, message, remedy }: Finding): string {
  return `${WORDS[verdict].padEnd(6)} ${about}: ${message}${remedy === undefined ? "" : `: ${remedy}`}\n`;
}
