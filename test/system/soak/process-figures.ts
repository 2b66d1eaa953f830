import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Resources of a running process, by proc(5). */
export interface ProcessFigures {
  /** Memory that only this process has, without files, bytes. */
  readonly anonymousBytes: number;
  readonly descriptors: number;
}

export function processFigures(pid: number): ProcessFigures {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return {
    anonymousBytes: Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}

/** Paths of all files below a folder. */
export function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

/** The live heap by the last report of heap-report.mjs, bytes; undefined before the first. */
export function reportedHeap(folder: string, pid: number): number | undefined {
  const path = join(folder, `${pid}.json`);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).heapBytes : undefined;
}
