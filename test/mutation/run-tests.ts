import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** A source that stands in place of a file's own. */
export interface Substitute {
  readonly path: string;
  readonly source: string;
  /** Path of the file that passes the source to the tests. */
  readonly passedIn: string;
}

const INJECT = join(import.meta.dirname, "inject.mjs");

/** Runs a test file with a substituted source. Resolves with true if it passes within `limitMs`. */
export function passes(testFile: string, { path, source, passedIn }: Substitute, limitMs: number): Promise<boolean> {
  writeFileSync(passedIn, source);
  return new Promise((done, reject) => {
    const tests = spawn(process.execPath, ["--import", INJECT, "--import", "tsx", testFile], {
      stdio: "ignore",
      detached: true,
      env: { ...withoutTestContext(), MUTANT_PATH: resolve(path), MUTANT_SOURCE: passedIn },
    });
    // What the tests have started ends with them: a mutant may have broken the code that ends it.
    const end = () => {
      try {
        process.kill(-(tests.pid ?? 0), "SIGKILL");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    };
    const deadline = setTimeout(end, limitMs);
    tests.once("error", reject);
    tests.once("close", (code) => {
      clearTimeout(deadline);
      end();
      done(code === 0);
    });
  });
}

/** Node's test runner reports to the runner that it finds in its environment. */
function withoutTestContext(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return env;
}
