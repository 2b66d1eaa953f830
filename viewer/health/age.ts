import type { Clock } from "../../common/runtime/clock.ts";

/** Ages of status files by their paths. */
export interface Ages {
  /**
   * How long ago a status was written, ms. Its time is compared with the wall clock when it is first seen; from then on the
   * uptime counts, so that a clock that is set neither ages nor revives a program.
   */
  of(path: string, at: number): number;
  /** Forgets the files that are not among these. */
  keep(paths: readonly string[]): void;
}

export function createAges(clock: Pick<Clock, "now" | "uptime">): Ages {
  const seen = new Map<string, { readonly at: number; readonly writtenMs: number }>();
  return {
    of(path, at) {
      const known = seen.get(path);
      if (known?.at === at) return clock.uptime() - known.writtenMs;
      const ageMs = Math.max(0, clock.now() - at);
      seen.set(path, { at, writtenMs: clock.uptime() - ageMs });
      return ageMs;
    },
    keep(paths) {
      const kept = new Set(paths);
      for (const path of seen.keys()) if (!kept.has(path)) seen.delete(path);
    },
  };
}
