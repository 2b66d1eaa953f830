import { readFileSync } from "node:fs";

/** Watches how much of its time the machine's only processor works. */
export interface Processor {
  /** The part of the time since then (ms since the epoch) that it was not idle, from 0 to 1. */
  busySince(since: number): number;
  /** Whether it had so little time left that neither a delay nor a loss proves anything. */
  wasFullSince(since: number): boolean;
}

interface Look {
  readonly at: number;
  readonly all: number;
  readonly idle: number;
}

const LOOK_EVERY_MS = 1000;
const FULL = 0.95;

export function watchProcessor(look: () => Look = lookAtTicks): Processor {
  const looks = [look()];
  setInterval(() => looks.push(look()), LOOK_EVERY_MS).unref();
  const busySince = (since: number) => {
    const from = looks.findLast(({ at }) => at <= since) ?? looks[0];
    const to = look();
    return from && to.all > from.all ? 1 - (to.idle - from.idle) / (to.all - from.all) : 0;
  };
  return { busySince, wasFullSince: (since) => busySince(since) > FULL };
}

/** /proc/stat: user, nice, system, idle, iowait … in ticks. */
function lookAtTicks(): Look {
  const line = readFileSync("/proc/stat", "utf8").split("\n", 1)[0] ?? "";
  const values = line.split(/\s+/).slice(1).map(Number);
  const all = values.reduce((sum, value) => sum + value, 0);
  return { at: Date.now(), all, idle: (values[3] ?? 0) + (values[4] ?? 0) };
}
