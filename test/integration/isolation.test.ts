import assert from "node:assert/strict";
import { test } from "node:test";
import { createSystem, deviceColumns, expectedRows } from "./system.ts";

const PACK = "A4:C1:37:00:00:01";
const OTHER = "A4:C1:37:00:00:02";
const MONITOR = "C0:00:00:00:00:01";

test("killing and restarting an agent costs the others no poll", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "2", "--thornwave", "1", "--latency", "1");
  await system.startAggregator();
  const others = [
    ["other", OTHER],
    ["monitor", MONITOR],
  ] as const;
  const running = others.map(([meter, address]) => system.startAgent(meter, address, "-i", "0.1"));
  for (let kill = 1; kill <= 3; kill++) {
    const victim = system.startAgent(`victim${kill}`, PACK, "-i", "0.1");
    await system.until(() => system.measured(`victim${kill}`).length >= 3);
    await victim.stop("SIGKILL");
  }
  await Promise.all(running.map((agent) => agent.stop()));
  const answers = system.answers();
  await system.until(() =>
    others.every(([meter, device]) => system.measured(meter).length >= expectedRows(answers, device).length),
  );
  for (const [meter, device] of others) {
    assert.deepEqual(system.measured(meter).map(deviceColumns), expectedRows(answers, device), meter);
    const last = system.measured(meter).at(-1);
    assert.deepEqual([last?.failures, last?.reconnects], ["0", "0"], meter);
  }
});

test("killing and restarting the aggregator costs no reading: the agents keep them and send them again", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  const first = await system.startAggregator();
  const agent = system.startAgent("pack", PACK, "-i", "0.1");
  await system.until(() => system.measured("pack").length >= 5);
  await first.stop("SIGKILL");
  const before = system.answers().length;
  // The agent goes on polling while no aggregator runs.
  await system.until(() => system.answers().length >= before + 6);
  await system.startAggregator();
  const atRestart = system.answers().length;
  await system.until(() => system.answers().length >= atRestart + 6);
  assert.equal((await agent.stop()).code, 0);

  const expected = expectedRows(system.answers(), PACK);
  const distinct = () => [...new Map(system.measured("pack").map((row) => [row.time, deviceColumns(row)])).entries()];
  await system.until(() => distinct().length >= expected.length);
  const inOrderOfTime = distinct().sort(([a], [b]) => Number(a) - Number(b));
  assert.deepEqual(
    inOrderOfTime.map(([, row]) => row),
    expected,
  );
});

test("a second agent for the same device exits with one line, and the first goes on undisturbed", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  await system.startAggregator();
  const first = system.startAgent("pack", PACK, "-i", "0.1");
  await system.until(() => system.measured("pack").length >= 2);
  const second = system.startAgent("again", PACK, "-i", "0.1");
  const { code } = await second.ended;
  assert.equal(code, 1);
  assert.equal(second.stderr.length, 1);
  assert.match(second.stderr[0] ?? "", /A4:C1:37:00:00:01 is read by another bms-agent/);
  const then = system.measured("pack").length;
  await system.until(() => system.measured("pack").length >= then + 3);
  assert.equal(system.measured("pack").at(-1)?.failures, "0");
  await first.stop();
  assert.equal(system.rows("again").length, 0);
});

test("a second aggregator on the same endpoint exits with one line, and the first goes on receiving", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  await system.startAggregator();
  system.startAgent("pack", PACK, "-i", "0.1");
  await system.until(() => system.measured("pack").length >= 2);
  await assert.rejects(system.startAggregator(), /readings\.sock/);
  const then = system.measured("pack").length;
  await system.until(() => system.measured("pack").length >= then + 3);
});
