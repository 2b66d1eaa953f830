import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseRecording } from "../../../agent/capture/parse.ts";
import { replay } from "../../../agent/capture/replay.ts";
import { DRIVERS } from "../../../agent/drivers/registry.ts";
import type { CapturedRun } from "../../support/proof/captured.ts";
import { storedValues, type Values } from "../../support/proof/polls.ts";
import { endsOf, type TimelineEvent } from "../../support/proof/timeline.ts";

/** The capture files of all agents, one for each run. */
export interface Captures {
  /** Path for the next run of a meter. */
  nextFile(meter: string): string;
  /** Replays the captures, by meter. All runs must have ended. */
  read(timeline: readonly TimelineEvent[]): Promise<ReadonlyMap<string, readonly CapturedRun[]>>;
}

export function keepCaptures(folder: string): Captures {
  const files = new Map<string, string[]>();
  return {
    nextFile(meter) {
      const own = files.get(meter) ?? [];
      files.set(meter, own);
      const file = join(folder, `${meter}-${own.length + 1}.jsonl`);
      own.push(file);
      return file;
    },
    async read(timeline) {
      const runs = new Map<string, CapturedRun[]>();
      for (const [meter, own] of files) {
        const ends = endsOf(timeline, meter);
        const polls = await Promise.all(own.map(pollsIn));
        runs.set(
          meter,
          polls.map((each, i) => ({ polls: each, wasKilled: ends[i]?.how === "killed" })),
        );
      }
      return runs;
    },
  };
}

async function pollsIn(file: string): Promise<Values[]> {
  // A run that was killed at its very start has no file yet, or an empty one.
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (text === "") return [];
  const polls: Values[] = [];
  for await (const poll of replay(parseRecording(text).exchanges, DRIVERS, new AbortController().signal)) {
    if (poll.kind === "answer") polls.push(storedValues(poll.sample));
  }
  return polls;
}
