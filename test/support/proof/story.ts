/** Something that happened to a part of the system. Agents are named by their meters. */
export interface Incident {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly who: string;
  readonly what: "begins" | "works" | "killed" | "told to end" | "frozen";
}

/** A stretch of time in which a part did not work, with how it began. */
export interface Trouble {
  readonly who: string;
  readonly how: "killed" | "told to end" | "frozen";
  readonly from: number;
  /** Infinity where it never came back. */
  readonly to: number;
}

/** Ends of one part's processes, in order. */
export function deathsOf(story: readonly Incident[], who: string): Trouble[] {
  return troublesOf(story, who).filter(({ how }) => how !== "frozen");
}

/** Every stretch in which a part did not work; one that was killed while it was frozen has two. */
export function troublesOf(story: readonly Incident[], who: string): Trouble[] {
  const own = story.filter((incident) => incident.who === who);
  return own.flatMap(({ at, what }, i) => {
    if (what === "begins" || what === "works") return [];
    const to = own.slice(i + 1).find((later) => later.what === "works")?.at ?? Number.POSITIVE_INFINITY;
    return [{ who, how: what, from: at, to }];
  });
}
