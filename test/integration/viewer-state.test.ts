import assert from "node:assert/strict";
import { test } from "node:test";
import { connectSimulator } from "../../simulator/control-client.ts";
import type { AgentHealth, HouseView, MeterView } from "../../viewer/model/views.ts";
import { sendTo } from "../support/sender.ts";
import { createSystem } from "./system.ts";

const HOUSE = "A4:C1:37:00:00:01";
const WITNESS = "A4:C1:37:00:00:02";
/** Two periods, and a poll that is a moment early. */
const MOST_POLLS = 3;

const find = ({ meters }: HouseView, name: string) => meters.find(({ meter }) => meter === name);

/** Checks in a view that a meter is not called live while another one has measured more often than in two periods. */
function checkHonesty(view: HouseView) {
  const [shown, witness] = [find(view, "house"), find(view, "witness")];
  if (shown?.state !== "live" || !witness?.measuredAt || !shown.measuredAt || !witness.periodMs) return;
  const polls = (witness.measuredAt - shown.measuredAt) / witness.periodMs;
  assert.ok(polls <= MOST_POLLS, `live, although another meter has measured ${polls} times since`);
}

test("a silent device, a killed agent and a killed aggregator are seen as what they are, and as over when they are", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "2", "--latency", "1");
  const simulator = await connectSimulator(system.simulatorSocket);
  t.after(simulator.close);
  const aggregator = await system.startAggregator();
  const agent = system.startAgent("house", HOUSE, "-i", "1");
  system.startAgent("witness", WITNESS, "-i", "1");
  const viewer = await system.startViewer();
  const until = (what: string, isTrue: (view: HouseView) => boolean) =>
    viewer.until(what, (view) => {
      checkHonesty(view);
      return isTrue(view);
    });
  const allLive = () =>
    until("two live meters with known periods", ({ feed, meters }) => {
      const live = meters.filter(({ state, periodMs }) => state === "live" && periodMs !== undefined);
      return feed.state === "live" && live.length === 2;
    });
  const isHouse = (view: HouseView, state: MeterView["state"], ofAgent: AgentHealth["state"]) =>
    find(view, "house")?.state === state &&
    view.health.agents.find(({ meter }) => meter === "house")?.state === ofAgent;
  await allLive();

  await simulator.set(HOUSE, "silence");
  const silent = await until("a device that is offline", (view) => isHouse(view, "offline", "away"));
  assert.deepEqual([find(silent, "witness")?.state, silent.feed.state], ["live", "live"]);
  const { measuredAt = 0, since = 0, sample } = find(silent, "house") ?? {};
  assert.ok(sample?.volts && sample.online === 0, "the last values stay, with the agent's present figures");
  assert.ok(since > measuredAt);
  await simulator.clear(HOUSE);
  await allLive();

  await agent.stop("SIGKILL");
  const stale = await until("a meter that is stale", (view) => isHouse(view, "stale", "silent"));
  assert.equal(find(stale, "house")?.since, find(stale, "house")?.measuredAt);
  assert.deepEqual([find(stale, "witness")?.state, stale.feed.state], ["live", "live"]);
  system.startAgent("house", HOUSE, "-i", "1");
  await allLive();

  await aggregator.stop("SIGKILL");
  const away = await until(
    "a feed that is away, and a silent aggregator",
    ({ feed, meters, health }) =>
      feed.state === "away" && meters.every(({ state }) => state === "stale") && health.aggregator?.state === "silent",
  );
  assert.ok(away.health.agents.every(({ state, backlog }) => state === "connected" && backlog > 0));
  await system.startAggregator();
  const back = await allLive();
  assert.equal(
    back.meters[0]?.periodMs && Math.round(back.meters[0].periodMs / 1000),
    1,
    "a backlog is not a faster meter",
  );
});

test("a value that does not change while current flows is called frozen", async (t) => {
  const system = createSystem(t);
  await system.startAggregator();
  const viewer = await system.startViewer();
  const minutesAgo = (minutes: number) => Math.round(Date.now()) - minutes * 60_000;
  const frozen = sendTo(t, system.endpoint, { meter: "frozen", sample: { volts: 13.3, amps: -4, online: 1 } });
  const idle = sendTo(t, system.endpoint, { meter: "idle", sample: { volts: 13.3, amps: 0, online: 1 } });
  const first = minutesAgo(14);
  for (let minute = 0; minute <= 14; minute += 1) {
    for (const { put } of [frozen, idle]) put(1, { takenAt: first + minute * 60_000 });
  }
  const view = await viewer.until(
    "both meters",
    ({ meters }) => meters.filter(({ state }) => state === "live").length === 2,
  );
  assert.equal(find(view, "frozen")?.frozenSince, first);
  assert.equal(find(view, "idle")?.frozenSince, undefined);
  assert.equal(find(view, "frozen")?.periodMs, 60_000);
});
