import assert from "node:assert/strict";
import { test } from "node:test";
import { createSystem } from "./system.ts";

const PACK = "A4:C1:37:00:00:01";

test("SIGUSR1 makes both programs print their status, and disturbs neither", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  const aggregator = await system.startAggregator();
  const agent = system.startAgent("m", PACK, "-i", "0.1");
  await system.until(() => system.measured("m").length >= 5);
  agent.process.kill("SIGUSR1");
  aggregator.process.kill("SIGUSR1");
  await Promise.all([agent.logged(/^ {2}run /), aggregator.logged(/^ {2}output /)]);
  await system.until(() => system.measured("m").length >= 10);

  const [ofAgent, ofAggregator] = [agent, aggregator].map(({ stderr }) => stderr.join("\n"));
  assert.match(ofAgent ?? "", /^bms-agent m\n {2}device +A4:C1:37:00:00:01 \(jbd\)\n {2}state +connected\n/m);
  assert.match(
    ofAggregator ?? "",
    /^ {2}agents +1 meter, 1 run seen\n {2}readings +\d+ received, 0 repeats, 0 ahead of the clock\n/m,
  );
  const epochOf = (text = "") => /epoch +([0-9a-f]{16})/.exec(text)?.[1];
  assert.ok(epochOf(ofAgent));
  assert.equal(epochOf(ofAgent), epochOf(ofAggregator));
  assert.deepEqual([(await agent.stop()).code, (await aggregator.stop()).code], [0, 0]);
});

test("an agent writes status.json, also while its device is away", async (t) => {
  const system = createSystem(t);
  const simulator = await system.startSimulator("--jbd", "1", "--latency", "1");
  await system.startAggregator();
  const agent = system.startAgent("m", PACK, "-i", "0.1");
  await system.until(() => (system.agentStatus("m")?.readings ?? 0) >= 5);
  const { meter, address, driver, state, fault, sample } = system.agentStatus("m") ?? {};
  assert.deepEqual([meter, address, driver, state, fault], ["m", PACK, "jbd", "connected", undefined]);
  assert.ok(sample?.volts);

  await simulator.stop();
  await system.until(() => system.agentStatus("m")?.state === "away");
  assert.ok(system.agentStatus("m")?.fault?.message);
  await agent.stop();
  assert.equal(system.agentStatus("m")?.state, "away", "the file outlives the agent");
});
