import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A mounted file system that is small enough to be filled. */
export interface SmallDisk {
  readonly folder: string;
  /** Fills it to the last byte. */
  fill(): void;
  free(): void;
}

const SIZE = "1m";

/** Mounts one for a test; undefined where this user may not mount. */
export function mountSmallDisk(t: TestContext): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), "bms-disk-"));
  let isMounted = false;
  t.after(() => {
    if (isMounted) execFileSync("umount", ["--lazy", folder]);
    rmdirSync(folder);
  });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${SIZE}`, "bms-chaos", folder], { stdio: "ignore" });
    isMounted = true;
  } catch {
    return undefined;
  }
  const ballast = join(folder, "ballast");
  return {
    folder,
    fill() {
      const piece = Buffer.alloc(4096);
      try {
        for (;;) writeFileSync(ballast, piece, { flag: "a" });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    },
    free: () => rmSync(ballast, { force: true }),
  };
}
