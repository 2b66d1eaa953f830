import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Budget, Question } from "../question.ts";

const root = join(import.meta.dirname, "../../..");

/** Promises about outages, spools, history and viewer, which tests check. */
export const limits: Question = {
  name: "limits",
  title: "Promises about outages, a full spool, the history and the viewer",
  isSlow: true,
  async ask(bench) {
    const args = ["--import", "tsx", "scripts/test.ts", "--seconds", "600", "--at-once", "1", "test/bench/limits"];
    const tests = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    bench.after(() => tests.kill());
    const budgets: Budget[] = [];
    const notes: string[] = [];
    for await (const line of createInterface({ input: tests.stdout })) {
      const [, mark, what = "", ms] = /^([✔✖]) (.*) \(([\d.]+)ms\)/.exec(line) ?? [];
      const [, note] = /^ *ℹ (?!tests|suites|pass|fail|cancelled|skipped|todo|duration)(.*)$/.exec(line) ?? [];
      if (mark) {
        bench.progress(what);
        budgets.push({
          what,
          figure: `${Math.round(Number(ms) / 1000)} s`,
          isMet: mark === "✔",
          isBroken: mark !== "✔",
        });
      }
      if (note) notes.push(note);
    }
    return { measures: [], budgets, notes };
  },
};
