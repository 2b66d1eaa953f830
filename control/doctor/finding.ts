/** What the doctor found out about one thing. */
export interface Finding {
  /** The thing, in a word or two. */
  readonly about: string;
  /** `unknown` where it could not be looked at. */
  readonly verdict: "ok" | "wrong" | "unknown";
  /** One sentence; where something is wrong, it says what to do. */
  readonly text: string;
}

export const ok = (about: string, text: string): Finding => ({ about, verdict: "ok", text });
export const wrong = (about: string, text: string): Finding => ({ about, verdict: "wrong", text });
export const unknown = (about: string, text: string): Finding => ({ about, verdict: "unknown", text });

const WORDS = { ok: "OK", wrong: "WRONG", unknown: "?" } as const;

/** One line each. */
export function formatFindings(findings: readonly Finding[]): string {
  return findings.map(({ about, verdict, text }) => `${WORDS[verdict].padEnd(6)} ${about}: ${text}\n`).join("");
}
