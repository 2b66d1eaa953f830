import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { accountFor } from "../../support/proof/captured.ts";
import { explainViolation, reportOf } from "../../support/proof/report.ts";
import { schedule } from "../../support/proof/schedule.ts";
import { judge } from "../../support/proof/verdict.ts";
import { without } from "../telegraf/server.ts";
import type { DATABASES } from "./database.ts";
import { LIMITS, startEnvironment } from "./environment.ts";

const SECONDS = Number(process.env.CHAOS_SECONDS ?? "60");
const SEED = process.env.CHAOS_SEED ?? "1";
/** Violations that are printed with their events. */
const MAX_SHOWN = 20;
/** Time for starting, the last recovery and stopping, ms. */
const GRACE_MS = 240_000;

async function run(t: TestContext, database: keyof typeof DATABASES, seed: string, runMs: number) {
  const startedAt = performance.now();
  const environment = await startEnvironment(t, { database, seed });
  const { agents, disk, timeline, failures } = environment;
  if (!disk) t.diagnostic("NOT SHOWN: a full disk, since only root may mount a small one");
  const faults = new Map<string, number>();
  const recoveries: number[] = [];
  let steps = 0;
  const components = { agents: agents.map(({ meter }) => meter), disk: disk && "disk" };
  for (const step of schedule(seed, components, runMs)) {
    steps += 1;
    for (const { component, kind } of step.faults) {
      const name = `${kind} ${component.startsWith("m") ? "agent" : component}`;
      faults.set(name, (faults.get(name) ?? 0) + 1);
    }
    await environment.perform(step);
    const isOver = performance.now() - startedAt > runMs;
    if (isOver || step.waitsForRecovery) recoveries.push(await environment.recovered());
    if (isOver) break;
  }
  const { answers, captured, stored, repeated } = await environment.close();
  const verdict = judge(agents, answers, stored, timeline, LIMITS);
  const seconds = (performance.now() - startedAt) / 1000;
  for (const line of reportOf(verdict, { seed, seconds, steps, faults, repeated, recoveries })) {
    t.diagnostic(`${database}: ${line}`);
  }
  const account = accountFor(captured, stored);
  t.diagnostic(
    `${database}: captured by the agents ${account.taken}, of these not stored ${account.missing}, stored and not captured ${account.strays.length}`,
  );
  const wrong = [...failures, ...verdict.violations.map((violation) => explainViolation(violation, timeline))];
  assert.equal(wrong.length, 0, `${wrong.length} violations and failures:\n${wrong.slice(0, MAX_SHOWN).join("\n")}`);
  assert.deepEqual(account.strays, []);
  assert.ok(account.missing <= verdict.taken - verdict.delivered, "captures and the simulator's log agree on the loss");
}

test(
  "VictoriaMetrics holds every reading once, whatever is killed",
  { skip: without("victoria-metrics"), timeout: SECONDS * 1000 + GRACE_MS },
  (t) => run(t, "victoria-metrics", SEED, SECONDS * 1000),
);

test(
  "InfluxDB holds every reading once, whatever is killed",
  { skip: without("influxd"), timeout: SECONDS * 250 + GRACE_MS },
  (t) => run(t, "influxd", `${SEED} influxd`, SECONDS * 250),
);
