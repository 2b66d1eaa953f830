import { readFileSync } from "node:fs";

/** The load of the machine's only processor. */
export interface Processor {
  /** The part of the time since then (ms since the epoch) in which it was not idle, from 0 to 1. */
  busySince(since: number): number;
  /** True if it was so busy that neither a delay nor a loss proves anything. */
  wasFullSince(since: number): boolean;
}

interface Sample {
  readonly at: number;
  readonly all: number;
  readonly idle: number;
}

const SAMPLE_EVERY_MS = 1000;
const FULL = 0.95;

export function watchProcessor(read: () => Sample = readTicks): Processor {
  const samples = [read()];
  setInterval(() => samples.push(read()), SAMPLE_EVERY_MS).unref();
  const busySince = (since: number) => {
    const from = samples.findLast(({ at }) => at <= since) ?? samples[0];
    const to = read();
    return from && to.all > from.all ? 1 - (to.idle - from.idle) / (to.all - from.all) : 0;
  };
  return { busySince, wasFullSince: (since) => busySince(since) > FULL };
}

/** /proc/stat: user, nice, system, idle, iowait … in ticks. */
function readTicks(): Sample {
  const line = readFileSync("/proc/stat", "utf8").split("\n", 1)[0] ?? "";
  const values = line.split(/\s+/).slice(1).map(Number);
  const all = values.reduce((sum, value) => sum + value, 0);
  return { at: Date.now(), all, idle: (values[3] ?? 0) + (values[4] ?? 0) };
}
