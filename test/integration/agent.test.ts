import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { STOP_SIGNALS } from "../../common/runtime/stop-signals.ts";
import { answerCount, createSystem, deviceColumns, expectedRows, isHealth, printed, type System } from "./system.ts";

const PACK = "A4:C1:37:00:00:01";

/** Starts an agent that logs each answer, so that the test can wait for them. */
const startVerbose = (system: System, address: string, ...args: string[]) =>
  system.startAgent(address, address, "-i", "0.1", "--log-level", "debug", ...args);

test("wrong use prints one line with a remedy on stderr, nothing on stdout, and exits with 2", async (t) => {
  const system = createSystem(t);
  const lines = ["", "-b nonsense", `-b ${PACK} -i 0`, "--fly", "fly", "replay /nowhere", "info"];
  await Promise.all(
    lines.map(async (words) => {
      const { code, stdout, stderr } = await system.runAgent(...words.split(" ").filter(Boolean));
      assert.deepEqual([code, stdout.length, stderr.length], [2, 0, 1], words);
      assert.match(stderr[0] ?? "", /^\S+ \S+ ERROR bms-agent: \S/, words);
    }),
  );
});

test("info prints the device and its values, for people and as JSON", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  const asJson = await system.runAgent("info", "-b", PACK, "--json");
  assert.deepEqual([asJson.code, asJson.stdout.length], [0, 1]);
  const { driver, address, model, software, cells, counters, sample } = JSON.parse(asJson.stdout[0] ?? "");
  assert.deepEqual([driver, address, cells, typeof model, typeof software], ["jbd", PACK, 4, "string", "string"]);
  assert.equal(typeof counters.ovp, "number");
  assert.deepEqual(printed(sample), expectedRows(system.answers().slice(0, 2), PACK)[0]);

  const asText = await system.runAgent("info", "-b", PACK);
  assert.equal(asText.code, 0);
  assert.ok(asText.stdout.some((line) => /^volts +\d+\.\d{3} V +pack or battery voltage$/.test(line)));
});

test("info that fails prints one line on stderr and exits with 1", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--fault", `${PACK}=refuse-connect`);
  const { code, stdout, stderr } = await system.runAgent("info", "-b", PACK, "--json");
  assert.deepEqual([code, stdout.length, stderr.length], [1, 0, 1]);
  assert.match(stderr[0] ?? "", /^\S+ \S+ ERROR bms-agent: A4:C1:37:00:00:01\b/);
});

/** Faults that a capture must survive, each on its own device. */
const DISTURBED = [
  ["A4:C1:37:00:00:01", "jbd4", "cut"],
  ["A4:C1:37:00:00:02", "jbd32", "lose-last:every=3"],
  ["A4:C1:37:00:00:03", "jbd8", "short-link:ms=700"],
  ["A4:C1:37:00:00:04", "jbd4", "locked:pin=314159"],
  ["C0:00:00:00:00:01", "v1", "delay:ms=50"],
  ["C0:00:00:00:00:02", "v2", "garbage:every=4"],
] as const;

test("a capture of a live run replays to the same samples, whatever fault disturbed the run", async (t) => {
  const system = createSystem(t);
  const fileOf = (device: string) => join(system.folder, `${device}.jsonl`);
  await system.startSimulator(
    ...["--latency", "2"],
    ...DISTURBED.flatMap(([device, kind]) => ["--device", `${device}=${kind}`]),
    ...DISTURBED.flatMap(([device, , fault]) => ["--fault", `${device}=${fault}`]),
  );
  await system.startAggregator();
  const live = DISTURBED.map(([device, , fault]) =>
    startVerbose(
      system,
      device,
      "--capture",
      fileOf(device),
      ...(fault.startsWith("locked") ? ["--pin", "314159"] : []),
    ),
  );
  await system.until(() => live.every((program) => answerCount(program) >= 8));
  await Promise.all(live.map((program) => program.stop()));

  for (const [device, , fault] of DISTURBED) {
    const { stdout } = await system.runAgent("replay", fileOf(device));
    const answered = stdout.map((line) => JSON.parse(line)).filter(({ ok }) => ok);
    await system.until(() => system.measured(device).length >= answered.length);
    assert.deepEqual(
      answered.map(({ sample }) => printed(sample)),
      system.measured(device).map(deviceColumns),
      fault,
    );
  }
});

for (const signal of STOP_SIGNALS) {
  test(`${signal} ends an agent with status 0 and frees its device at once`, async (t) => {
    const system = createSystem(t);
    await system.startSimulator("--jbd", "1", "--latency", "1");
    await system.startAggregator();
    const first = startVerbose(system, PACK);
    await system.until(() => answerCount(first) >= 3);
    assert.equal((await first.stop(signal)).code, 0);
    assert.equal((await system.runAgent("info", "-b", PACK)).code, 0);
  });
}

test("a second signal does not wait for the aggregator", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  const waiting = startVerbose(system, PACK);
  await system.until(() => answerCount(waiting) >= 3);
  waiting.process.kill("SIGINT");
  waiting.process.kill("SIGTERM");
  const { code } = await waiting.stop("SIGINT");
  assert.ok(code === 130 || code === 143, `${code}`);
});

test("SIGHUP comes from the terminal and from its shell, and asks once", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  const waiting = startVerbose(system, PACK, "--spool", join(system.folder, "spool"));
  await system.until(() => answerCount(waiting) >= 3);
  waiting.process.kill("SIGHUP");
  assert.equal((await waiting.stop("SIGHUP")).signal, null);
  assert.match(
    waiting.stderr.at(-1) ?? "",
    /(\d+) readings taken, 0 delivered; \1 readings wait in .* for the next run$/,
  );
});

test("a reading that nobody wants to see printed is delivered all the same", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  await system.startAggregator();
  const once = system.startAgent("bms", PACK, "--once");
  once.process.stdout?.destroy();
  assert.equal((await once.ended).code, 0);
  assert.match(once.stderr.at(-1) ?? "", / bms: 1 reading taken, 1 delivered$/);
});

test("with --once one reading is printed and delivered, and the exit status is whether the device answered", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--latency", "1", "--fault", `${PACK}=refuse-connect:times=1`);
  await system.startAggregator();
  const failed = await system.runAgent("-b", PACK, "-m", "bms", "--once");
  const answered = await system.runAgent("-b", PACK, "-m", "bms", "--once");
  assert.deepEqual([failed.code, answered.code], [1, 0]);
  assert.deepEqual(failed.stdout, []);
  assert.equal(answered.stdout.length, 1);
  const { meter, address, driver, at, sample } = JSON.parse(answered.stdout[0] ?? "");
  assert.deepEqual([meter, address, driver, Number.isInteger(at)], ["bms", PACK, "jbd", true]);
  assert.ok(answered.stderr.some((line) => line.endsWith(`connected to ${PACK} (jbd)`)));
  assert.match(answered.stderr.at(-1) ?? "", / bms: 1 reading taken, 1 delivered$/);
  await system.until(() => system.rows("bms").length === 2);
  assert.deepEqual(
    system.rows("bms").map(({ online }) => online),
    ["0", "1"],
  );
  assert.deepEqual(system.measured("bms").map(deviceColumns), expectedRows(system.answers(), PACK));
  const printedSample = Object.entries(printed(sample)).filter(([name]) => !isHealth(name));
  assert.deepEqual(Object.fromEntries(printedSample), expectedRows(system.answers(), PACK)[0]);
});

test("the last line of the log tells an aggregator that is absent from one that cannot write", async (t) => {
  const system = createSystem(t, { agentEnv: { RUNTIME_DIRECTORY: "" } });
  await system.startSimulator("--jbd", "1", "--latency", "1");
  const alone = await system.runAgent("-b", PACK, "-m", "bms", "--once");
  assert.match(
    alone.stderr.at(-1) ?? "",
    /0 delivered; 1 reading is lost: no aggregator answers at ipc:.*: start bms-agg/,
  );
  await system.startAggregator("--output", "unix:///nowhere/telegraf.sock");
  const agent = startVerbose(system, PACK);
  await system.until(() => answerCount(agent) > 0);
  await agent.stop();
  assert.match(
    agent.stderr.at(-1) ?? "",
    /0 delivered; \d+ readings? (is|are) lost: the aggregator at .* its outputs: see its log/,
  );
});
