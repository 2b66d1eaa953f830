import { join } from "node:path";
import { type Boot, playOnce } from "./play.ts";
import type { Finding } from "./report.ts";
import type { ScenarioResult } from "./table.ts";

export interface Run {
  readonly boot: Boot;
  readonly names: readonly string[];
  readonly kills: number;
  /** Folder for the machine's console. */
  readonly folder: string;
  say(line: string): void;
}

/** A scenario whose machine's kernel oopsed, or that was too slow to judge, is begun anew so many times. */
const MORE_TRIES = 2;

/** Runs the scenarios, several in one machine, until each has a result that counts. */
export async function runScenarios({ boot, names, kills, folder, say }: Run): Promise<ScenarioResult[]> {
  const results = new Map<string, readonly Finding[]>();
  const isSlow = (name: string) => results.get(name)?.some(({ verdict }) => verdict === "slow");
  let waiting = names;
  let voidedBy: string | undefined;
  for (let attempt = 0; waiting.length > 0 && attempt <= MORE_TRIES; attempt++) {
    if (attempt > 0) say(`again, as the machine ${voidedBy ?? "was too slow"}: ${waiting.join(", ")}`);
    const played = await playOnce({
      boot,
      words: [`kills=${kills}`, `try=${attempt}`, ...waiting],
      console: join(folder, `console-${attempt}.log`),
      say,
    });
    for (const [name, findings] of played.results) results.set(name, findings);
    waiting = waiting.filter((name) => !results.has(name) || isSlow(name));
    voidedBy = played.endedBy;
  }
  const neverEnded: Finding = {
    expected: "comes to its end",
    verdict: "failed",
    seen: `the machine ${voidedBy ?? "went off"} each time`,
  };
  return names.map((scenario) => ({ scenario, findings: results.get(scenario) ?? [neverEnded] }));
}
