import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "../../../simulator/program.ts";
import { between } from "../../../simulator/random.ts";
import { createComponent } from "./component.ts";

/** One in three is killed this long after its start, ms. */
const STARTS_MS = [20, 400] as const;
/** The others this long after they show their page, which on a busy machine is waited for no longer than `SHOWS_WITHIN_MS`. */
const SHOWS_MS = [50, 2_500] as const;
const SHOWS_WITHIN_MS = 2_000;
/** One in four is frozen first, so that its subscription takes nothing, ms. */
const FROZEN_MS = [200, 1_500] as const;

/** A viewer that is killed at random moments, whatever else is done to the system. */
export interface KilledViewer {
  /** Kills so far, and how many of them ended a viewer that showed its page. */
  readonly kills: { readonly all: number; readonly showing: number };
  /** Stops the killing and the viewer. */
  stop(): Promise<void>;
}

/** Starts the viewer, kills it and starts it again until it is stopped. Nothing of it is in the timeline: it excuses no loss. */
export async function killViewer(
  startViewer: () => Program,
  random: () => number,
  onFailure: (text: string) => void,
): Promise<KilledViewer> {
  let running: Program | undefined;
  const start = async () => {
    running = startViewer();
    return running;
  };
  const viewer = createComponent("viewer", start, { onEvent() {}, onFailure });
  const stopping = new AbortController();
  const kills = { all: 0, showing: 0 };
  await viewer.start();
  const killing = killAgain().catch((error: Error) => onFailure(`viewer: ${error.message}`));

  /** Returns false. */
  async function pause(ms: number) {
    return await sleep(ms, false, { signal: stopping.signal }).catch(() => false);
  }
  async function shows() {
    await running?.logged(/showing /).catch(() => {});
    return true;
  }
  async function killAgain() {
    for (;;) {
      const isEarly = random() < 1 / 3;
      const isShowing = !isEarly && (await Promise.race([shows(), pause(SHOWS_WITHIN_MS)]));
      const [least, most] = isEarly ? STARTS_MS : SHOWS_MS;
      await pause(between(random, least, most));
      if (stopping.signal.aborted) return viewer.stop();
      const isFrozen = random() < 1 / 4;
      kills.all += 1;
      if (isShowing) kills.showing += 1;
      await viewer.inject({
        kind: isFrozen ? "freeze and kill" : "kill",
        forMs: isFrozen ? between(random, ...FROZEN_MS) : 0,
      });
    }
  }
  return {
    kills,
    async stop() {
      stopping.abort();
      await killing;
    },
  };
}
