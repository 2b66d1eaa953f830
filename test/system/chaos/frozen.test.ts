import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startProcess } from "../../../simulator/program.ts";
import { explainViolation } from "../../support/proof/report.ts";
import { judge, type Verdict } from "../../support/proof/verdict.ts";
import { without } from "../telegraf/server.ts";
import { type EnvironmentOptions, startEnvironment } from "./environment.ts";

/** Times for which Telegraf is frozen before it is killed, ms. */
const FROZEN_MS = [3_000, 15_000] as const;

const PREMATURE = join(import.meta.dirname, "premature-aggregator.ts");

/** Freezes and kills Telegraf; nothing else happens. */
async function freezeAndKill(
  t: TestContext,
  startAggregator?: EnvironmentOptions["startAggregator"],
): Promise<Verdict> {
  const environment = await startEnvironment(t, {
    database: "victoria-metrics",
    seed: "frozen",
    ...(startAggregator && { startAggregator }),
  });
  const { agents, timeline, failures } = environment;
  for (const forMs of FROZEN_MS) {
    const fault = { component: "telegraf", kind: "freeze and kill", afterMs: 0, forMs } as const;
    await environment.perform({ faults: [fault], waitsForRecovery: true });
    await environment.recovered();
  }
  const { answers, stored } = await environment.close();
  assert.deepEqual(failures, []);
  const verdict = judge(agents, answers, stored, timeline);
  t.diagnostic(`taken ${verdict.taken}, delivered ${verdict.delivered}, violations ${verdict.violations.length}`);
  const [first] = verdict.violations;
  if (first) t.diagnostic(`the first: ${explainViolation(first, timeline)}`);
  return verdict;
}

const settings = { skip: without("victoria-metrics"), timeout: 180_000 };

test("a Telegraf that is frozen and then killed costs no reading", settings, async (t) => {
  const { taken, delivered, violations } = await freezeAndKill(t);
  assert.deepEqual(violations, []);
  assert.equal(delivered, taken);
});

test("the proof detects an aggregator that settles what only the kernel has accepted", settings, async (t) => {
  const { violations } = await freezeAndKill(t, async (endpoint, socket) => {
    const aggregator = startProcess(process.execPath, ["--import", "tsx", PREMATURE, endpoint, socket]);
    t.after(() => aggregator.stop("SIGKILL"));
    await aggregator.logged(/listening on/);
    return aggregator;
  });
  assert.ok(violations.some(({ what }) => what === "lost without an allowed reason"));
});
