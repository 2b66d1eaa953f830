import { readFileSync } from "node:fs";

/** The part of the time since this call that the processor was not idle, from 0 to 1, whenever it is asked. */
export function watchProcessor(): () => number {
  const before = ticks();
  return () => {
    const now = ticks();
    const all = now.all - before.all;
    return all > 0 ? 1 - (now.idle - before.idle) / all : 0;
  };
}

/** /proc/stat: user, nice, system, idle, iowait … in ticks. */
function ticks(): { all: number; idle: number } {
  const line = readFileSync("/proc/stat", "utf8").split("\n", 1)[0] ?? "";
  const values = line.split(/\s+/).slice(1).map(Number);
  return { all: values.reduce((sum, value) => sum + value, 0), idle: (values[3] ?? 0) + (values[4] ?? 0) };
}
