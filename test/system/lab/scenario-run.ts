import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { runMachine } from "../machine/machine.ts";
import { type Finding, formatFigures } from "../machine/report.ts";

export interface ScenarioRun {
  readonly scenario: string;
  readonly kills: number;
  readonly kernel: string;
  readonly initrd: string;
  /** Gets a folder of logs for each attempt. */
  readonly folder: string;
  log(line: string): void;
}

/** More attempts for a run that does not count, and for one that was too slow to judge. */
const MORE_ATTEMPTS = { void: 3, slow: 1 };

/** Runs a scenario until it has a result that counts. */
export async function runScenario(run: ScenarioRun): Promise<readonly Finding[]> {
  const left = { ...MORE_ATTEMPTS };
  for (let attempt = 1; ; attempt++) {
    const { findings, spoiltBy } = await tryScenario(run, attempt);
    if (spoiltBy === undefined) {
      if (left.slow-- === 0 || findings.every(({ verdict }) => verdict !== "too slow to judge")) return findings;
      run.log("again, as it was too slow to judge");
    } else if (left.void-- > 0) run.log(`void and begun anew, as the machine ${spoiltBy}`);
    else return [{ expected: "comes to its end", verdict: "failed", seen: `the machine ${spoiltBy} each time` }];
  }
}

/** One attempt; `spoiltBy`: why it does not count. */
async function tryScenario({ scenario, kills, kernel, initrd, folder, log }: ScenarioRun, attempt: number) {
  const share = join(folder, attempt === 1 ? scenario : `${scenario}-${attempt}`);
  mkdirSync(share, { recursive: true });
  const words = [scenario, String(kills)];
  const findings: Finding[] = [];
  let spoiltBy: string | undefined = "went off";
  try {
    for await (const message of runMachine({
      kernel,
      initrd,
      share,
      words,
      console: join(share, "console.log"),
      log,
    })) {
      if (message.kind === "finding") {
        findings.push(message.finding);
        log(formatFinding(message.finding));
      } else if (message.kind === "kernel-bug") {
        spoiltBy = `met a bug of its kernel (${message.line})`;
        break;
      } else if (message.kind === "end") {
        spoiltBy = undefined;
        log(`took ${Math.round(message.seconds)} s of its clock, ${Math.round(message.busy * 100)} % busy`);
      }
    }
  } catch (error) {
    spoiltBy = error instanceof Error ? error.message : String(error);
  }
  return { findings, spoiltBy };
}

function formatFinding(finding: Finding): string {
  const figures = [formatFigures([finding]), finding.seen].filter(Boolean).join("; ");
  return `${finding.verdict}: ${finding.expected}${figures && ` (${figures})`}`;
}
