// A long time of one agent and of an aggregator, in virtual time, with outages every day. Measures whether memory,
// descriptors or files grow.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { growthOf } from "../../support/proof/growth.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { filesIn } from "./process-figures.ts";
import type { VirtualFigures } from "./virtual.ts";

const DAYS = Number(process.env.SOAK_DAYS ?? "30");
/** At the default interval of 10 s. */
const POLLS = DAYS * 8_640;

test(`${DAYS} days of an agent and of an aggregator do not grow`, { timeout: 10_800_000 }, async (t) => {
  const startedAt = performance.now();
  const folder = await temporaryFolder(t);
  const { taken, missing, repeated, heap, descriptors } = await figuresOf(DAYS, folder);
  const left = filesIn(folder);
  const { mean, total, uncertainty, isGrowing } = growthOf(heap);
  const seconds = (performance.now() - startedAt) / 1000;
  t.diagnostic(`${taken} readings in ${seconds.toFixed(0)} s, ${repeated} stored again, ${missing} missing`);
  t.diagnostic(
    `live heap: mean ${(mean / 1e6).toFixed(2)} MB, growth ${(total / 1e3).toFixed(0)} ± ${(uncertainty / 1e3).toFixed(0)} kB`,
  );
  t.diagnostic(`descriptors: ${descriptors[0]} at first, ${descriptors.at(-1)} at last; ${left.length} files left`);
  assert.ok(Math.abs(taken - POLLS) < 0.001 * POLLS, `${taken} readings of ${POLLS} polls`);
  assert.equal(missing, 0);
  assert.deepEqual(left, []);
  assert.equal(isGrowing, false, "the live heap grows");
  assert.equal(descriptors.at(-1), descriptors[0]);
});

/** @throws where the process ends without figures */
function figuresOf(days: number, folder: string): Promise<VirtualFigures> {
  return new Promise((resolve, reject) => {
    const soak = fork(join(import.meta.dirname, "virtual.ts"), [`${days}`, folder], { execArgv: ["--import", "tsx"] });
    soak.once("message", (figures) => resolve(figures as VirtualFigures));
    soak.once("exit", (code) => reject(new Error(`the soak ended with exit status ${code}`)));
  });
}
