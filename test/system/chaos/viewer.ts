import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "../../../simulator/program.ts";
import { between } from "../../../simulator/random.ts";
import { createComponent } from "./component.ts";

/** Times for which a viewer works before it is killed, ms. */
const WORKS_MS = [200, 2_500] as const;
/** One in four is frozen first, so that its subscription takes nothing, ms. */
const FROZEN_MS = [200, 1_500] as const;

/** A viewer that is killed at random moments, whatever else is done to the system. */
export interface KilledViewer {
  /** Kills so far. */
  readonly kills: number;
  /** Stops the killing and the viewer. */
  stop(): Promise<void>;
}

/** Starts the viewer, kills it and starts it again until it is stopped. Nothing of it is in the timeline: it excuses no loss. */
export async function killViewer(
  startViewer: () => Promise<Program>,
  random: () => number,
  onFailure: (text: string) => void,
): Promise<KilledViewer> {
  const viewer = createComponent("viewer", startViewer, { onEvent() {}, onFailure });
  const stopping = new AbortController();
  let kills = 0;
  await viewer.start();
  const killing = killAgain().catch((error: Error) => onFailure(`viewer: ${error.message}`));

  async function killAgain() {
    for (;;) {
      await sleep(between(random, ...WORKS_MS), undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return viewer.stop();
      const isFrozen = random() < 1 / 4;
      await viewer.inject({
        kind: isFrozen ? "freeze and kill" : "kill",
        forMs: isFrozen ? between(random, ...FROZEN_MS) : 0,
      });
      kills += 1;
    }
  }
  return {
    get kills() {
      return kills;
    },
    async stop() {
      stopping.abort();
      await killing;
    },
  };
}
