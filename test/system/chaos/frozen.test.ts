import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startProcess } from "../../../simulator/program.ts";
import { explainFault } from "../../support/proof/report.ts";
import { judge, type Verdict } from "../../support/proof/verdict.ts";
import { without } from "../telegraf/server.ts";
import { PROMISES } from "./promises.ts";
import { type StageOptions, setStage } from "./stage.ts";

/** How long Telegraf stands still before it is killed, ms. */
const FROZEN_MS = [3_000, 15_000] as const;

const HASTY = join(import.meta.dirname, "hasty-aggregator.ts");

/** Telegraf is frozen and then killed; nothing else happens. */
async function freezeAndKill(t: TestContext, startAggregator?: StageOptions["startAggregator"]): Promise<Verdict> {
  const stage = await setStage(t, {
    database: "victoria-metrics",
    seed: "frozen",
    ...(startAggregator && { startAggregator }),
  });
  for (const forMs of FROZEN_MS) {
    await stage.perform({ blows: [{ who: "telegraf", hit: "freeze and kill", afterMs: 0, forMs }], isHasty: false });
    await stage.recovered();
  }
  const { answers, stored } = await stage.close();
  assert.deepEqual(stage.faults, []);
  const verdict = judge(stage.agents, answers, stored, stage.story, PROMISES);
  t.diagnostic(`taken ${verdict.taken}, delivered ${verdict.delivered}, faults ${verdict.faults.length}`);
  const [first] = verdict.faults;
  if (first) t.diagnostic(`the first: ${explainFault(first, stage.story)}`);
  return verdict;
}

const settings = { skip: without("victoria-metrics"), timeout: 180_000 };

test("a Telegraf that is frozen and then killed costs no reading", settings, async (t) => {
  const { taken, delivered, faults } = await freezeAndKill(t);
  assert.deepEqual(faults, []);
  assert.equal(delivered, taken);
});

test("the proof notices an aggregator that settles what only the kernel has taken", settings, async (t) => {
  const { faults } = await freezeAndKill(t, async (endpoint, socket) => {
    const aggregator = startProcess(process.execPath, ["--import", "tsx", HASTY, endpoint, socket]);
    t.after(() => aggregator.stop("SIGKILL"));
    await aggregator.logged(/listening on/);
    return aggregator;
  });
  assert.ok(faults.length > 0);
  assert.deepEqual(new Set(faults.map(({ what }) => what)), new Set(["lost, and nothing explains it"]));
});
