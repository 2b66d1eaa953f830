import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { accountFor } from "../../support/proof/captured.ts";
import { course } from "../../support/proof/course.ts";
import { explainFault, reportOf } from "../../support/proof/report.ts";
import { judge } from "../../support/proof/verdict.ts";
import { without } from "../telegraf/server.ts";
import type { DATABASES } from "./database.ts";
import { PROMISES } from "./promises.ts";
import { setStage } from "./stage.ts";

const SECONDS = Number(process.env.CHAOS_SECONDS ?? "60");
const SEED = process.env.CHAOS_SEED ?? "1";
/** That are told in full. */
const MOST_FAULTS = 20;
/** What the course takes beyond its time to recover for the last time, and to start and end, ms. */
const GRACE_MS = 240_000;

async function run(t: TestContext, database: keyof typeof DATABASES, seed: string, runMs: number) {
  const begun = performance.now();
  const stage = await setStage(t, { database, seed });
  if (!stage.disk) t.diagnostic("NOT SHOWN: a full disk, since only root may mount a small one");
  const blows = new Map<string, number>();
  const recoveries: number[] = [];
  let acts = 0;
  const parts = { agents: stage.agents.map(({ meter }) => meter), disk: stage.disk && "disk" };
  for (const act of course(seed, parts, runMs)) {
    acts += 1;
    for (const { who, hit } of act.blows) {
      const name = `${hit} ${who.startsWith("m") ? "agent" : who}`;
      blows.set(name, (blows.get(name) ?? 0) + 1);
    }
    await stage.perform(act);
    const isOver = performance.now() - begun > runMs;
    if (isOver || !act.isHasty) recoveries.push(await stage.recovered());
    if (isOver) break;
  }
  const { answers, captured, stored, repeated } = await stage.close();
  const verdict = judge(stage.agents, answers, stored, stage.story, PROMISES);
  const seconds = (performance.now() - begun) / 1000;
  const faults = [...stage.faults, ...verdict.faults.map((fault) => explainFault(fault, stage.story))];
  for (const line of reportOf(verdict, { seed, seconds, acts, blows, repeated, recoveries })) {
    t.diagnostic(`${database}: ${line}`);
  }
  const account = accountFor(captured, stored);
  t.diagnostic(
    `${database}: captured by the agents ${account.taken}, of these not stored ${account.missing}, stored and not captured ${account.strays.length}`,
  );
  assert.equal(faults.length, 0, `${faults.length} faults:\n${faults.slice(0, MOST_FAULTS).join("\n")}`);
  assert.deepEqual(account.strays, []);
  assert.ok(account.missing <= verdict.taken - verdict.delivered, "no more is missing than the batteries' log tells");
}

test(
  "VictoriaMetrics holds every reading once, whatever died",
  {
    skip: without("victoria-metrics"),
    timeout: SECONDS * 1000 + GRACE_MS,
  },
  (t) => run(t, "victoria-metrics", SEED, SECONDS * 1000),
);

test(
  "InfluxDB holds every reading once, whatever died",
  {
    skip: without("influxd"),
    timeout: SECONDS * 250 + GRACE_MS,
  },
  (t) => run(t, "influxd", `${SEED} influxd`, SECONDS * 250),
);
