import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { accountFor } from "../../support/proof/captured.ts";
import { inTrueTime } from "../../support/proof/clock-steps.ts";
import { explainViolation, reportOf, shareOf } from "../../support/proof/report.ts";
import { schedule } from "../../support/proof/schedule.ts";
import { judge } from "../../support/proof/verdict.ts";
import { without } from "../telegraf/server.ts";
import type { DATABASES } from "./database.ts";
import { type Environment, startEnvironment } from "./environment.ts";

const SECONDS = Number(process.env.CHAOS_SECONDS ?? "60");
const SEED = process.env.CHAOS_SEED ?? "1";
/** Violations that are printed with their events. */
const MAX_SHOWN = 20;
/** The viewer is killed at least once in this time, on average, ms. */
const VIEWER_KILLED_EVERY_MS = 3_000;
/** Time for starting, the last recovery and stopping, ms. */
const GRACE_MS = 240_000;

const HOUR_MS = 3_600_000;
/**
 * Steps of the agents' clock, at equal distances over a run: an hour back, ten years on, five seconds back. The last is a
 * multiple of the interval, so that rows would have the milliseconds of rows before the step.
 */
const CLOCK_STEPS_MS = [-HOUR_MS, 87_660 * HOUR_MS, -5_000];
/** With a stepped clock: difference between the time of a row and that of its answer, ms, for 99 of 100 rows and for each. */
const TIME_WITHIN_MS = 50;
const EACH_TIME_WITHIN_MS = 500;

interface Run {
  readonly database: keyof typeof DATABASES;
  readonly seed: string;
  readonly runMs: number;
  readonly clockIsStepped?: boolean;
}

/** Takes steps of the clock at equal distances over a run. */
function clockStepper({ stepClock }: Environment, stepsMs: readonly number[], runMs: number) {
  const startedAt = performance.now();
  const left = [...stepsMs];
  return {
    get left() {
      return left.length;
    },
    stepIfDue() {
      const done = stepsMs.length - left.length;
      if (performance.now() - startedAt < ((done + 1) * runMs) / (stepsMs.length + 1)) return;
      const next = left.shift();
      if (next !== undefined) stepClock(next);
    },
  };
}

async function run(t: TestContext, { database, seed, runMs, clockIsStepped = false }: Run) {
  const startedAt = performance.now();
  const environment = await startEnvironment(t, { database, seed });
  const { agents, disk, timeline, failures } = environment;
  if (!disk) t.diagnostic("NOT SHOWN: a full disk, since only root may mount a small one");
  const faults = new Map<string, number>();
  const recoveries: number[] = [];
  let steps = 0;
  const stepper = clockStepper(environment, clockIsStepped ? CLOCK_STEPS_MS : [], runMs);
  const components = { agentsFreeze: !clockIsStepped, agents: agents.map(({ meter }) => meter), disk: disk && "disk" };
  for (const step of schedule(seed, components, runMs)) {
    steps += 1;
    stepper.stepIfDue();
    for (const { component, kind } of step.faults) {
      const name = `${kind} ${component.startsWith("m") ? "agent" : component}`;
      faults.set(name, (faults.get(name) ?? 0) + 1);
    }
    await environment.perform(step);
    const isOver = performance.now() - startedAt > runMs && stepper.left === 0;
    if (isOver || step.waitsForRecovery) recoveries.push(await environment.recovered());
    if (isOver) break;
  }
  const { answers, captured, stored: rows, repeated, viewerKills } = await environment.close();
  const stored = inTrueTime(rows, agents, answers, environment.clockSteps);
  const verdict = judge(agents, answers, stored, timeline, clockIsStepped ? EACH_TIME_WITHIN_MS : undefined);
  const seconds = (performance.now() - startedAt) / 1000;
  if (clockIsStepped) t.diagnostic(`${database}: the clock was stepped ${environment.clockSteps.length} times`);
  for (const line of reportOf(verdict, { seed, seconds, steps, faults, repeated, recoveries })) {
    t.diagnostic(`${database}: ${line}`);
  }
  t.diagnostic(
    `${database}: the viewer was killed ${viewerKills.all} times, ${viewerKills.showing} of them while it showed its page`,
  );
  const account = accountFor(captured, stored);
  t.diagnostic(
    `${database}: captured by the agents ${account.taken}, of these not stored ${account.missing}, stored and not captured ${account.strays.length}`,
  );
  assert.ok(viewerKills.all >= Math.floor(runMs / VIEWER_KILLED_EVERY_MS), `${viewerKills.all} kills of the viewer`);
  if (clockIsStepped) assert.ok(shareOf(verdict.timesOffMs, 0.99) <= TIME_WITHIN_MS, "times of rows");
  const wrong = [...failures, ...verdict.violations.map((violation) => explainViolation(violation, timeline))];
  assert.equal(wrong.length, 0, `${wrong.length} violations and failures:\n${wrong.slice(0, MAX_SHOWN).join("\n")}`);
  assert.deepEqual(account.strays, []);
  assert.ok(account.missing <= verdict.taken - verdict.delivered, "captures and the simulator's log agree on the loss");
}

test(
  "VictoriaMetrics holds every reading once, whatever is killed",
  { skip: without("victoria-metrics"), timeout: SECONDS * 1000 + GRACE_MS },
  (t) => run(t, { database: "victoria-metrics", seed: SEED, runMs: SECONDS * 1000 }),
);

test(
  "InfluxDB holds every reading once, whatever is killed",
  { skip: without("influxd"), timeout: SECONDS * 250 + GRACE_MS },
  (t) => run(t, { database: "influxd", seed: `${SEED} influxd`, runMs: SECONDS * 250 }),
);

// VictoriaMetrics stores nothing that is years ahead of its own clock.
test(
  "with a stepped clock each row has the time of its answer, whatever is killed",
  { skip: without("influxd"), timeout: SECONDS * 500 + GRACE_MS },
  (t) => run(t, { database: "influxd", seed: `${SEED} clock`, runMs: SECONDS * 500, clockIsStepped: true }),
);
