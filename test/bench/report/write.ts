import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chart } from "./chart.ts";
import { type Answered, benchmarksDocument, type Environment } from "./document.ts";

const docs = join(import.meta.dirname, "../../../docs");
/** Written by hand, a file per program or theme: what a profile shows, what was changed for it, and what did not help. */
const FINDINGS = join(import.meta.dirname, "../findings");

/** Writes docs/benchmarks.md and a chart per question. */
export function writeDocument(answers: readonly Answered[], environment: Environment): void {
  mkdirSync(join(docs, "benchmarks"), { recursive: true });
  for (const { name, title, measures } of answers)
    if (measures.length > 0) writeFileSync(join(docs, "benchmarks", `${name}.svg`), chart(title, measures));
  const findings = readdirSync(FINDINGS)
    .sort()
    .map((name) => readFileSync(join(FINDINGS, name), "utf8"));
  writeFileSync(join(docs, "benchmarks.md"), benchmarksDocument(answers, environment, findings));
}
