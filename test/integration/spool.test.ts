import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openOutbox } from "../../agent/outbox/outbox.ts";
import { openTiers } from "../../agent/outbox/tiers.ts";
import { systemClock } from "../../common/runtime/clock.ts";
import { silentLog } from "../../common/runtime/log.ts";
import { listenAt } from "../support/listener.ts";
import { readingOf } from "../support/reading.ts";
import { until } from "../support/until.ts";
import { answerCount, createSystem, deviceColumns, expectedRows, type System } from "./system.ts";

const PACK = "A4:C1:37:00:00:01";

/** Starts an agent with a spool that logs each answer. */
const startAgent = (system: System, ...args: string[]) =>
  system.startAgent("m", PACK, "-i", "0.1", "--log-level", "debug", "--spool", join(system.folder, "spool"), ...args);
const spoolFiles = (system: System) => readdirSync(join(system.folder, "spool"));
const isRising = (numbers: readonly number[]) => numbers.every((n, i) => i === 0 || n > (numbers[i - 1] ?? n));

test("readings of agents that ran without an aggregator arrive once, in order, with their own times", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  for (let run = 1; run <= 2; run += 1) {
    const agent = startAgent(system);
    await system.until(() => answerCount(agent) >= 5);
    assert.equal((await agent.stop()).code, 0);
    assert.ok(agent.stderr.some((line) => /\d+ readings wait in .*spool for the next run/.test(line)));
  }
  assert.ok(spoolFiles(system).length > 0);
  const before = expectedRows(system.answers(), PACK).length;

  const aggregatorStartedAt = Date.now();
  await system.startAggregator();
  const last = startAgent(system);
  await system.until(() => system.measured("m").length >= before + 5);
  await last.stop();
  await system.until(() => system.measured("m").length >= answerCount(last) + before);
  const rows = system.measured("m");
  assert.deepEqual(rows.map(deviceColumns), expectedRows(system.answers(), PACK));
  assert.ok(isRising(rows.map(({ time }) => Number(time))));
  assert.ok(rows.slice(0, before).every(({ time }) => Number(time) < aggregatorStartedAt));
  assert.deepEqual(spoolFiles(system), [], "readings written to stdout are settled and need no copy");
});

/** Everything is killed at once, and what a new agent and a new aggregator deliver is compared with the answers. */
async function lossOfKill(t: TestContext, system: System, kill: () => Promise<unknown>, ...args: string[]) {
  await kill();
  const before = expectedRows(system.answers(), PACK);
  await system.startAggregator();
  const next = startAgent(system, ...args);
  await system.until(() => system.measured("m").length >= before.length + 2);
  await next.stop();
  const all = expectedRows(system.answers(), PACK);
  const rows = system.measured("m").map(deviceColumns);
  const kept = rows.length - (all.length - before.length);
  assert.deepEqual(rows, [...before.slice(0, kept), ...all.slice(before.length)]);
  t.diagnostic(`${kept} of ${before.length} answers before the kill were delivered`);
  return before.length - kept;
}

test("killing an agent that spools always loses at most one reading", async (t) => {
  const system = createSystem(t, { agentEnv: { RUNTIME_DIRECTORY: "" } });
  await system.startSimulator("--jbd", "1", "--latency", "1");
  const killed = startAgent(system, "--spool-when", "always");
  await system.until(() => answerCount(killed) >= 8);
  assert.ok((await lossOfKill(t, system, () => killed.stop("SIGKILL"))) <= 1);
});

test("killing agent, aggregator and receiver at once, before anything is settled, loses at most one reading", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  const path = join(system.folder, "telegraf.sock");
  const receiver = await listenAt(t, path);
  const aggregator = await system.startAggregator("--output", `unix://${path}`);
  const agent = startAgent(system);
  await system.until(() => answerCount(agent) >= 8 && receiver.documents.length >= 6);
  assert.deepEqual(spoolFiles(system), [], "in calm nothing is written to the disk");
  const kill = () => Promise.all([agent.stop("SIGKILL"), aggregator.stop("SIGKILL"), receiver.crash()]);
  assert.ok((await lossOfKill(t, system, kill)) <= 1);
});

test("killing an agent without a spool, in the first second of an outage, loses at most one reading", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  const agent = system.startAgent("m", PACK, "-i", "0.1", "--log-level", "debug");
  await system.until(() => answerCount(agent) >= 8);
  assert.ok((await lossOfKill(t, system, () => agent.stop("SIGKILL"))) <= 1);
});

test("an agent that is told to stop writes to disk at once, not when it has given up waiting", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  const agent = startAgent(system);
  await system.until(() => answerCount(agent) >= 3);
  assert.deepEqual(spoolFiles(system), []);
  const stopped = agent.stop();
  await until("readings on disk", () => spoolFiles(system).length > 0);
  assert.ok(!agent.stderr.some((line) => /taken, /.test(line)), "it still waits for an aggregator");
  await stopped;
});

test("two agents do not share a spool", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "2", "--latency", "1");
  const first = startAgent(system);
  await system.until(() => answerCount(first) >= 1);
  const second = system.startAgent("n", "A4:C1:37:00:00:02", "--spool", join(system.folder, "spool"));
  assert.equal((await second.ended).code, 1);
  assert.match(second.stderr.at(-1) ?? "", /spool is used by another bms-agent: give each agent its own directory/);
});

/** A time up to 2.5 s ahead is that of a clock that was adjusted; one further ahead is wrong. */
for (const [about, aheadMs] of [
  ["seconds ahead", 2_300],
  ["years ahead", 10 * 365 * 86_400_000],
] as const) {
  test(`an earlier run whose times are ${about} has no effect on new readings`, async (t) => {
    const system = createSystem(t);
    await system.startSimulator("--jbd", "1", "--latency", "1");
    const spool = { folder: join(system.folder, "spool"), when: "always" } as const;
    const deps = { clock: systemClock, log: silentLog };
    const tiers = await openTiers({ runtimeDirectory: undefined, spool }, deps);
    const link = { endpoint: "", send: async () => {}, close: () => {} };
    const earlier = openOutbox({ ...deps, connect: () => link, tiers, when: spool.when });
    const left = readingOf(1, { meter: "m", run: "eeeeeeeeeeeeeeee", takenAt: Date.now() + aheadMs });
    earlier.put(left, 0);
    await earlier.close(0);
    const { stdout } = await system.runAgent("-b", PACK, "-m", "m", "--once", "--spool", spool.folder);
    const { at } = JSON.parse(stdout[0] ?? "");
    assert.ok(at < left.takenAt && at > Date.now() - 60_000, `${at - left.takenAt} ms after it`);
  });
}
