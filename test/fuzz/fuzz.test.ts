// Mutated frames through the drivers and through independent reference decoders. `npm test` tries 20,000 frames,
// `npm run fuzz -- [--frames N] [--seed S]` a million with a new seed each time.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import type { FigureTable } from "./fuzz.ts";

const FRAMES = wholeNumber("FUZZ_FRAMES", 20_000);
const SEED = wholeNumber("FUZZ_SEED", 7);

test("drivers and reference decoders agree on every mutated frame", async (t) => {
  const startedAt = performance.now();
  const figures = await fuzz();
  const seconds = (performance.now() - startedAt) / 1000;
  t.diagnostic("subject       decoded alike  refused alike  mismatches");
  for (const [name, { decoded, refused, mismatched }] of figures) {
    const counts = [decoded, refused, mismatched].map((count, i) => String(count).padStart([15, 15, 12][i] ?? 0));
    t.diagnostic(name.padEnd(12) + counts.join(""));
  }
  t.diagnostic(
    `${FRAMES} frames, seed ${SEED}, ${seconds.toFixed(1)} s, ${Math.round(FRAMES / seconds)} frames/s, repeat with --frames ${FRAMES} --seed ${SEED}`,
  );
  // A small share of either would mean that the mutations test little. Fewer frames than usual may have any share.
  const fewest = FRAMES < 20_000 ? -1 : (0.09 * FRAMES) / figures.size;
  for (const [name, { decoded, refused, mismatches }] of figures) {
    assert.deepEqual(mismatches, [], name);
    assert.ok(decoded > fewest && refused > fewest, `${name}: ${decoded} decoded and ${refused} refused are too few`);
  }
});

/** @throws where the fuzzing process ends without figures */
function fuzz(): Promise<FigureTable> {
  return new Promise((resolve, reject) => {
    const program = join(import.meta.dirname, "fuzz.ts");
    const fuzzing = fork(program, [`${FRAMES}`, `${SEED}`], {
      execArgv: ["--import", "tsx"],
      serialization: "advanced",
    });
    fuzzing.once("message", (figures) => resolve(figures as FigureTable));
    fuzzing.once("exit", (code) => reject(new Error(`the fuzzing process ended with exit status ${code}`)));
  });
}

function wholeNumber(name: string, usual: number): number {
  const value = Number(process.env[name] ?? usual);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${name} must be a whole number`);
  return value;
}
