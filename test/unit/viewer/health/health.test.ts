import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import type { AgentStatus, AggregatorStatus } from "../../../../common/model/status.ts";
import { openHealth } from "../../../../viewer/health/health.ts";
import { agentStatusOf } from "../../../support/agent-status.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const START = Date.UTC(2026, 0, 1);
const AGGREGATOR: AggregatorStatus = {
  version: 1,
  program: "bms-aggregator",
  at: START,
  endpoint: "ipc:///run/bms/readings.sock",
  meters: 2,
  readings: 5,
  outputs: [{ name: "unix:///run/telegraf/bms.sock", state: "open", waiting: 3 }],
  rejected: { version: 2, field: 1 },
  hosts: [
    { name: "local", meters: 1, readings: 3, lastAt: START },
    { name: "shed\x1b[2J", connections: 1, connectedSince: START, meters: 1, readings: 2, clockAheadMs: 6_000 },
  ],
};

async function setUp(t: TestContext, periods: Readonly<Record<string, number>> = {}) {
  const folder = await temporaryFolder(t);
  let uptimeMs = 0;
  let offsetMs = START;
  const clock = {
    now: () => uptimeMs + offsetMs,
    uptime: () => uptimeMs,
    monotonic: () => uptimeMs,
    timer: () => () => {},
    // Every look is requested by the test.
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
  };
  const directories = [join(folder, "bms"), join(folder, "agents"), join(folder, "missing")];
  const health = openHealth(directories, { clock, periodOf: (meter) => periods[meter] });
  t.after(health.close);
  const put = async (path: string, content: unknown) => {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.new`, typeof content === "string" ? content : JSON.stringify(content));
    await rename(`${file}.new`, file);
  };
  return {
    folder,
    put,
    agent: (meter: string, changed: Partial<AgentStatus> = {}) =>
      put(`agents/${meter}/status.json`, agentStatusOf({ at: START, since: START, meter, ...changed })),
    async look(seconds: number) {
      uptimeMs = seconds * 1000;
      await health.look();
      return health.view();
    },
    setWallClock(byMs: number) {
      offsetMs += byMs;
    },
  };
}

test("without status files there are no agents and no aggregator", async (t) => {
  const { look } = await setUp(t);
  assert.deepEqual(await look(0), { agents: [] });
});

test("agents by name, and the aggregator", async (t) => {
  const { agent, put, look } = await setUp(t);
  await agent("solar", { rssi: -70, readings: 8, failures: 2, reconnects: 1, backlog: 4, dropped: 5 });
  const fault = { kind: "not-found", message: "not found\u001b[2J" };
  await agent("house", { state: "away", since: START - 5, fault });
  await put("bms/status.json", AGGREGATOR);
  const counts = { readings: 0, failures: 0, reconnects: 0, backlog: 0, dropped: 0 };
  assert.deepEqual(await look(1), {
    agents: [
      { meter: "house", state: "away", since: START - 5, fault: "not found\\u001b[2J", ...counts },
      {
        meter: "solar",
        state: "connected",
        since: START,
        ...{ readings: 8, failures: 2, reconnects: 1 },
        backlog: 4,
        dropped: 5,
        rssi: -70,
      },
    ],
    aggregator: {
      ...{ state: "running", at: START, readings: 5, outputs: AGGREGATOR.outputs, rejected: 3 },
      hosts: [
        { name: "local", meters: 1, readings: 3, lastAt: START },
        { name: "shed\\u001b[2J", connections: 1, meters: 1, readings: 2, clockAheadMs: 6_000 },
      ],
    },
  });
});

test("an agent of a site has the full name of its meter, and the period of that", async (t) => {
  const { agent, look } = await setUp(t, { "shed/solar": 60_000 });
  await agent("solar", { site: "shed" });
  const { agents } = await look(100);
  assert.deepEqual(
    agents.map(({ meter, state }) => [meter, state]),
    [["shed/solar", "connected"]],
  );
});

test("status files that are foreign, half, too large, pipes or directories are left out", async (t) => {
  const { folder, agent, put, look } = await setUp(t);
  await agent("good");
  await agent("version", { version: 9 as 1 });
  await agent("\u202ename");
  await agent("place", { site: "my\nshed" });
  await put("agents/half/status.json", '{"version":1,"program":"bms-ag');
  await put(
    "agents/large/status.json",
    JSON.stringify(agentStatusOf({ fault: { kind: "x", message: "y".repeat(70_000) } })),
  );
  await put("agents/list/status.json", "[1]");
  await put("agents/empty/status.json", "");
  await put("agents/directory/status.json/file", "");
  await put("agents/foreign/status.json", { program: "ntpd" });
  await put("agents/file", "not a directory");
  await mkdir(join(folder, "agents/pipe"));
  execFileSync("mkfifo", [join(folder, "agents/pipe/status.json")]);
  const { agents, aggregator } = await look(0);
  assert.deepEqual(
    agents.map(({ meter }) => meter),
    ["good"],
  );
  assert.equal(aggregator, undefined);
});

const LIMITS: readonly (readonly [
  about: string,
  periodMs: number | undefined,
  state: AgentStatus["state"],
  limitS: number,
])[] = [
  ["two periods", 10_000, "connected", 20],
  ["two periods of a device that is away", 10_000, "away", 20],
  ["at least 6 s", 200, "connected", 6],
  ["two minutes while the period is not known", undefined, "away", 120],
  ["the first connection may take two minutes", 10_000, "connecting", 150],
];

for (const [about, periodMs, state, limitS] of LIMITS) {
  test(`an agent is silent after its limit: ${about}`, async (t) => {
    const { agent, look } = await setUp(t, periodMs === undefined ? {} : { house: periodMs });
    await agent("house", { state, since: START - 9 });
    assert.deepEqual((await look(0)).agents[0]?.state, state);
    assert.equal((await look(limitS)).agents[0]?.state, state);
    const silent = (await look(limitS + 0.1)).agents[0];
    assert.deepEqual([silent?.state, silent?.since], ["silent", START]);
    await agent("house", { state, at: START + limitS * 1000 });
    assert.equal((await look(limitS + 1)).agents[0]?.state, state);
  });
}

test("the aggregator is silent after 6 s", async (t) => {
  const { put, look } = await setUp(t);
  await put("bms/status.json", AGGREGATOR);
  assert.equal((await look(6)).aggregator?.state, "running");
  assert.equal((await look(6.1)).aggregator?.state, "silent");
});

test("a status that is left over from before the viewer started is silent", async (t) => {
  const { agent, look } = await setUp(t);
  await agent("house", { at: START - 3_600_000 });
  assert.equal((await look(1)).agents[0]?.state, "silent");
});

test("a wall clock that is set neither ages nor revives a program", async (t) => {
  for (const stepMs of [-3_600_000, 3_600_000]) {
    const { put, look, setWallClock } = await setUp(t);
    await put("bms/status.json", AGGREGATOR);
    await look(1);
    setWallClock(stepMs);
    assert.equal((await look(5)).aggregator?.state, "running", `${stepMs}`);
    assert.equal((await look(7)).aggregator?.state, "silent", `${stepMs}`);
  }
});

test("an agent whose directory is removed is gone", async (t) => {
  const { folder, agent, look } = await setUp(t);
  await agent("house");
  assert.equal((await look(0)).agents.length, 1);
  await rm(join(folder, "agents/house"), { recursive: true });
  assert.deepEqual(await look(2), { agents: [] });
});

test("the number of files is bounded", async (t) => {
  const { agent, look } = await setUp(t);
  for (let n = 0; n < 300; n += 1) await agent(`meter${n}`);
  const { agents } = await look(0);
  assert.ok(agents.length >= 250 && agents.length <= 256, `${agents.length}`);
});
