// Mutated frames through the drivers and through an independent slow decoder: npm run fuzz -- [--frames N] [--seed S]
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";

const { values } = parseArgs({ options: { frames: { type: "string" }, seed: { type: "string" } } });
const frames = Number(values.frames ?? 1_000_000);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
if (!Number.isSafeInteger(frames) || frames < 1 || !Number.isSafeInteger(seed)) {
  process.stderr.write("usage: npm run fuzz -- [--frames N] [--seed S], whole numbers\n");
  process.exit(2);
}

const began = performance.now();
const figures = await fuzz(frames, seed);
const seconds = (performance.now() - began) / 1000;

const print = (line: string) => process.stdout.write(`${line}\n`);
print("subject             told alike  refused alike  mismatches");
let mismatches = 0;
for (const [name, { told, refused, mismatched, mismatches: examples }] of figures) {
  mismatches += mismatched;
  print(
    `${name.padEnd(18)}${String(told).padStart(12)}${String(refused).padStart(15)}${String(mismatched).padStart(12)}`,
  );
  for (const { hex, driver, slow } of examples) {
    print(`  ${hex}\n    driver ${JSON.stringify(driver)}\n    slow   ${JSON.stringify(slow)}`);
  }
}
print(`${frames} frames, seed ${seed}, ${seconds.toFixed(1)} s, ${Math.round(frames / seconds)} frames/s`);
process.exitCode = mismatches > 0 ? 1 : 0;
