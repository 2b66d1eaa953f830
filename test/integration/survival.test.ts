import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { parseAggregatorStatus } from "../../common/model/status.ts";
import { readStatusFile, statusPath } from "../../common/runtime/status-file.ts";
import { startProgram } from "../../simulator/program.ts";
import { until } from "../support/until.ts";
import { createSystem } from "./system.ts";

const ADDRESS = "C0:00:00:00:00:01";
/** Makes the program throw where nothing catches it, on SIGUSR2. */
const FAIL_ON_SIGUSR2 =
  "--import=data:text/javascript,process.on('SIGUSR2',()=>{throw(new(Error)('made-up'+String.fromCharCode(27)))})";

test("an agent and an aggregator whose stderr has no reader go on, and nothing is lost", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--thornwave", "1");
  const agent = system.startAgent("solar", ADDRESS, "-i", "0.2", "--log-level", "debug");
  await agent.logged(/connected to/);
  agent.process.stderr?.destroy();
  const { readings } = { readings: 0, ...system.agentStatus("solar") };
  await until("more readings", async () => (system.agentStatus("solar")?.readings ?? 0) > readings + 5);
  const aggregator = await system.startAggregator();
  aggregator.process.stderr?.destroy();
  const garbage = connect(system.endpoint.replace("ipc://", ""));
  garbage.on("error", () => {});
  garbage.end("GET / HTTP/1.1\r\n\r\n".repeat(10));
  await once(garbage.resume(), "close");
  const statusFile = statusPath(join(system.folder, "run-bms-aggregator"));
  await until(
    "a rejected connection",
    async () => (readStatusFile(statusFile, parseAggregatorStatus)?.rejected.connection ?? 0) > 0,
  );
  const count = system.rows().length;
  await until("more rows", async () => system.rows().length > count + 5);
  await agent.stop();
  await until("every answer", async () => system.measured("solar").length === system.answers().length);
  assert.deepEqual(await aggregator.stop(), { code: 0, signal: null });
});

test("an error that nothing handles is one line and status 1, and the readings are on disk first", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--thornwave", "1");
  const spool = join(system.folder, "spool");
  const options = ["-m", "solar", "-b", ADDRESS, "--endpoint", system.endpoint, "-i", "0.2", "--spool", spool];
  const env = { BMS_SIMULATOR: system.simulatorSocket, BMS_RADIO: "simulated", NODE_OPTIONS: FAIL_ON_SIGUSR2 };
  const failing = startProgram("bms-agent", options, { env });
  t.after(() => failing.stop("SIGKILL"));
  await failing.logged(/connected to/);
  await until("answers", async () => system.answers().length > 3);
  failing.process.kill("SIGUSR2");
  assert.deepEqual(await failing.ended, { code: 1, signal: null });
  const [, ...rest] = failing.stderr;
  assert.equal(rest.length, 1, rest.join("\n"));
  assert.match(rest[0] ?? "", /bms-agent: unexpected error: made-up\\u001b; please report it/);
  const answers = system.answers().length;
  await system.startAggregator();
  const next = system.startAgent("solar", ADDRESS, "-i", "3600", "--spool", spool);
  await next.logged(/found \d+ readings of earlier runs/);
  // The last answer may have come when the agent had just ended.
  await until("every answer", async () => system.measured("solar").length >= answers - 1);
});

for (const [program, ...args] of [
  ["bms-agent", "scan", "--seconds", "2"],
  ["bms-agent", "info", "-b", ADDRESS],
] as const) {
  test(`SIGUSR1 does not open the debugger of ${program} ${args[0]}`, async (t) => {
    const system = createSystem(t);
    await system.startSimulator("--jbd", "1");
    const env = { BMS_SIMULATOR: system.simulatorSocket, BMS_RADIO: "simulated", BMS_LOG_LEVEL: "debug" };
    // Sends the signal as soon as any timer of the program runs: all its modules are loaded, its command has begun.
    const signal = "setTimeout(()=>process.kill(process.pid,'SIGUSR1'),300)";
    const running = startProgram(program, args, {
      env: { ...env, NODE_OPTIONS: `--import=data:text/javascript,${signal}` },
    });
    t.after(() => running.stop("SIGKILL"));
    assert.equal((await running.ended).signal, null);
    assert.doesNotMatch(running.stderr.join("\n"), /Debugger/);
  });
}
