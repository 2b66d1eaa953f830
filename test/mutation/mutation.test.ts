// Changes the source of delivery, spool, locks and settings in one place at a time, and counts the changes that the tests of
// that place notice.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom } from "../../simulator/random.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { applyMutant, type Mutant, mutantsOf } from "./mutants.ts";
import { passes } from "./run-tests.ts";
import { SUBJECT_FILES, testsOf } from "./subjects.ts";

const SEED = process.env.MUTATION_SEED ?? "1";
const COUNT = Number(process.env.MUTATION_COUNT ?? "100");
const FILES = process.env.MUTATION_FILES?.split(" ").filter(Boolean) ?? [];
/** Mutants that run at the same time. */
const AT_ONCE = 2;
/**
 * Share of the mutants that must be noticed. Some of the others are equivalent to the source. Another change of the source
 * draws another sample: of a hundred, the share varies by about 5 points.
 */
const FLOOR = 0.58;
/** Limit of a test file: a multiple of its time without a mutant, and a margin for a busy machine. */
const SLOWER = 4;
const MARGIN_MS = 10_000;

interface Sampled extends Mutant {
  readonly file: string;
}

test("the tests notice changes of the source", async (t) => {
  const folder = await temporaryFolder(t);
  const files = FILES.length > 0 ? FILES : SUBJECT_FILES;
  const sources = new Map(files.map((file) => [file, readFileSync(file, "utf8")]));
  const substitute = (file: string, source: string, worker: number) => ({
    path: file,
    source,
    passedIn: join(folder, `${worker}.ts`),
  });

  const limits = new Map<string, number>();
  const testFiles = new Set(files.flatMap(testsOf));
  await inParallel([...testFiles], async (testFile, worker) => {
    const [file = ""] = files;
    const startedAt = performance.now();
    assert.ok(await passes(testFile, substitute(file, sources.get(file) ?? "", worker), 300_000), testFile);
    limits.set(testFile, SLOWER * (performance.now() - startedAt) + MARGIN_MS);
  });

  const survivors: Sampled[] = [];
  const all = files.flatMap((file) => mutantsOf(sources.get(file) ?? "", file).map((mutant) => ({ file, ...mutant })));
  const sample = sampled(all).filter(({ file, ...mutant }) => applyMutant(sources.get(file) ?? "", mutant, file));
  await inParallel(sample, async (mutant, worker) => {
    const { file } = mutant;
    const source = applyMutant(sources.get(file) ?? "", mutant, file) ?? "";
    for (const testFile of testsOf(file)) {
      if (!(await passes(testFile, substitute(file, source, worker), limits.get(testFile) ?? MARGIN_MS))) return;
    }
    survivors.push(mutant);
  });

  for (const file of files) {
    const ofFile = (mutants: readonly Sampled[]) => mutants.filter((mutant) => mutant.file === file);
    const [tried, survived] = [ofFile(sample), ofFile(survivors).sort((a, b) => a.start - b.start)];
    if (tried.length > 0) t.diagnostic(`${file}: ${tried.length - survived.length} of ${tried.length} noticed`);
    for (const { line, about } of survived) t.diagnostic(`survives: ${file}:${line}: ${about}`);
  }
  const score = 1 - survivors.length / sample.length;
  t.diagnostic(
    `score ${(100 * score).toFixed(0)} %, at least ${(100 * FLOOR).toFixed(0)} %: ${sample.length - survivors.length} of ${sample.length} noticed, of ${all.length}; repeat with --seed ${SEED} --count ${COUNT}`,
  );
  assert.ok(score >= FLOOR);
});

/** A choice by the seed, in random order. */
function sampled(mutants: readonly Sampled[]): Sampled[] {
  const random = seededRandom("mutation", SEED);
  return mutants
    .map((mutant) => ({ mutant, order: random() }))
    .sort((a, b) => a.order - b.order)
    .slice(0, COUNT)
    .map(({ mutant }) => mutant);
}

async function inParallel<T>(items: readonly T[], work: (item: T, worker: number) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (_: unknown, number: number) => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item, number);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
