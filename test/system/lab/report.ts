/** What the machine tells the host, one JSON object a line. */
export type Message =
  | { readonly say: "finding"; readonly finding: Finding }
  /** `seconds` of the machine's own clock; `busy`: the part of them that its processor worked. */
  | { readonly say: "end"; readonly seconds: number; readonly busy: number }
  /** The machine's kernel has hit a bug of its own: what ran since it booted is worth nothing. */
  | { readonly say: "oops"; readonly line: string };

/**
 * - `passed`, `failed`: the expectation held, or did not
 * - `missed`: it was a goal, and was reached too late; no failure
 * - `slow`: it did not, but the machine's processor was so busy that nothing follows from that
 */
export type Verdict = "passed" | "failed" | "missed" | "slow";

/** One expectation of a scenario, and what was measured. */
export interface Finding {
  readonly expected: string;
  readonly verdict: Verdict;
  /** Polls of the agents that the expectation speaks of, where it does. */
  readonly polls?: PollCount;
  /** Seconds from the end of a trouble to the next answer, one for each time and agent. */
  readonly recovered?: readonly number[];
  /** What else was seen; with a failure, why. */
  readonly seen?: string;
}

export interface PollCount {
  readonly asked: number;
  readonly answered: number;
}

export function encodeMessage(message: Message): string {
  return `${JSON.stringify(message)}\n`;
}

/** A message of the machine's own making; undefined for any other line. */
export function decodeMessage(line: string): Message | undefined {
  if (!line.startsWith('{"say":')) return undefined;
  return JSON.parse(line) as Message;
}
