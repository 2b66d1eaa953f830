import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Boot, play } from "./play.ts";
import type { Finding } from "./report.ts";
import type { ScenarioResult } from "./table.ts";

export interface Run {
  readonly boot: Boot;
  readonly names: readonly string[];
  readonly kills: number;
  /** How many machines may run at a time. */
  readonly machines: number;
  /** Gets a folder for each scenario and try. */
  readonly folder: string;
  say(line: string): void;
}

/** A scenario whose machine's kernel oopsed is begun anew so many times, and one that was too slow to judge once. */
const MORE_TRIES = { void: 3, slow: 1 };

/** Runs each scenario in a machine of its own, until it has a result that counts. In the order of the names. */
export async function runScenarios({ names, machines, ...run }: Run): Promise<ScenarioResult[]> {
  const results = new Map<string, readonly Finding[]>();
  const waiting = [...names];
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      results.set(name, await untilItCounts(name, run));
    }
  };
  await Promise.all(Array.from({ length: machines }, work));
  return names.map((scenario) => ({ scenario, findings: results.get(scenario) ?? [] }));
}

async function untilItCounts(
  scenario: string,
  { boot, kills, folder, say }: Omit<Run, "names" | "machines">,
): Promise<readonly Finding[]> {
  const left = { ...MORE_TRIES };
  for (let attempt = 1; ; attempt++) {
    const share = join(folder, attempt === 1 ? scenario : `${scenario}-${attempt}`);
    mkdirSync(share, { recursive: true });
    const { findings, endedBy } = await play({ boot, share, scenario, kills, say });
    if (endedBy === undefined) {
      if (left.slow-- === 0 || findings.every(({ verdict }) => verdict !== "slow")) return findings;
      say(`${scenario}: again, as it was too slow to judge`);
    } else if (left.void-- > 0) say(`${scenario}: void and begun anew, as the machine ${endedBy}`);
    else return [{ expected: "comes to its end", verdict: "failed", seen: `the machine ${endedBy} each time` }];
  }
}
