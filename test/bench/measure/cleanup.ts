import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench } from "../question.ts";

/** Runs a part of a question in a folder of its own, and ends what it started. */
export async function withCleanup<T>(
  bench: Omit<Bench, "folder" | "after">,
  work: (inner: Bench) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "bms-bench-"));
  const cleanups: (() => unknown)[] = [];
  try {
    return await work({ ...bench, folder, after: (cleanup) => void cleanups.push(cleanup) });
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
    rmSync(folder, { recursive: true, force: true });
  }
}
