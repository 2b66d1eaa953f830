import { appendFileSync } from "node:fs";
import type { Incident } from "../../../support/proof/story.ts";

/** On the disk: it goes on after the reboot. */
export const STORY = "/opt/proof/story.jsonl";

/** Notes what was done to whom, for the verdict about every reading. */
export function note(who: string, what: Incident["what"]): void {
  appendFileSync(STORY, `${JSON.stringify({ at: Date.now(), who, what } satisfies Incident)}\n`);
}
