import { readFileSync } from "node:fs";
import { decodeHostWait } from "../host-wait.ts";

/** Watches how much processor time the host owes the machine. */
export interface Starvation {
  /** The part of the time since then (performance.now) that the machine was ready to run and had to wait, from 0 up. */
  shareSince(since: number): number;
  /** Whether that was so much that neither a time nor a loss proves anything. */
  wasStarvedSince(since: number): boolean;
}

const LOOK_EVERY_MS = 1000;
const TOO_MUCH = 0.2;

/** `file` is kept up to date by the host. */
export function watchStarvation(file: string): Starvation {
  const looks = [{ at: performance.now(), waitedMs: decodeHostWait(readFileSync(file, "utf8")) }];
  setInterval(() => {
    looks.push({ at: performance.now(), waitedMs: decodeHostWait(readFileSync(file, "utf8")) });
  }, LOOK_EVERY_MS).unref();
  const shareSince = (since: number) => {
    const from = looks.findLast(({ at }) => at <= since) ?? looks[0];
    const to = looks.at(-1);
    return from && to && to.at > from.at ? (to.waitedMs - from.waitedMs) / (to.at - from.at) : 0;
  };
  return { shareSince, wasStarvedSince: (since) => shareSince(since) > TOO_MUCH };
}
