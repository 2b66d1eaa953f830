import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench } from "../question.ts";

const INTERRUPTS = ["SIGINT", "SIGTERM"] as const;

/** Runs a part of a question in a folder of its own, and ends what it started. */
export async function withCleanup<T>(
  bench: Omit<Bench, "folder" | "after" | "fail">,
  work: (inner: Bench) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "bms-bench-"));
  const cleanups: (() => unknown)[] = [];
  let interrupt = (_signal: NodeJS.Signals) => {};
  try {
    return await new Promise<T>((resolve, reject) => {
      interrupt = (signal) => reject(new Error(`ended by ${signal}`));
      for (const signal of INTERRUPTS) process.once(signal, interrupt);
      const after = (cleanup: () => unknown) => void cleanups.push(cleanup);
      work({ ...bench, folder, after, fail: reject }).then(resolve, reject);
    });
  } finally {
    for (const signal of INTERRUPTS) process.removeListener(signal, interrupt);
    for (const cleanup of cleanups.reverse()) await cleanup();
    rmSync(folder, { recursive: true, force: true });
  }
}
