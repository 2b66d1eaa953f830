import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench } from "../question.ts";

/** Runs a part of a question in a folder of its own, and ends what it started. */
export async function withCleanup<T>(
  bench: Omit<Bench, "folder" | "after" | "fail">,
  work: (inner: Bench) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "bms-bench-"));
  const cleanups: (() => unknown)[] = [];
  try {
    return await new Promise<T>((resolve, reject) => {
      const after = (cleanup: () => unknown) => void cleanups.push(cleanup);
      work({ ...bench, folder, after, fail: reject }).then(resolve, reject);
    });
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
    rmSync(folder, { recursive: true, force: true });
  }
}
