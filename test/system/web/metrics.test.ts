import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { QUANTITY_NAMES } from "../../../common/model/quantities.ts";
import { formatMetrics } from "../../../viewer/web/metrics.ts";
import { createSystem } from "../../integration/system.ts";
import { AT, houseOf, meterOf } from "../../support/house.ts";
import { until } from "../../support/until.ts";
import { startPrometheus } from "../telegraf/prometheus.ts";
import { serverCommand, without } from "../telegraf/server.ts";

/** Output of `promtool check metrics` for a text; empty if it is clean. */
function promtool(text: string): string {
  const { command, env } = serverCommand("promtool");
  const { status, stdout, stderr } = spawnSync(command, ["check", "metrics"], { input: text, env, encoding: "utf8" });
  return status === 0 ? `${stdout}${stderr}` : `${status}: ${stdout}${stderr}`;
}

test("promtool has nothing to say about any metric", { skip: without("promtool") }, () => {
  const everything = Object.fromEntries(QUANTITY_NAMES.map((name) => [name, 1]));
  const alert = { id: "1", rule: "charge-low", text: "low", severity: "warning", since: AT } as const;
  const outputs = [{ name: '/run/"telegraf"\\bms.sock', state: "open", waiting: 4 }];
  const house = houseOf(
    [meterOf("a", { sample: everything }), meterOf("b", { state: "offline" }), meterOf("c", { state: "stale" })],
    {
      alerts: [alert],
      health: { agents: [], aggregator: { state: "running", at: AT, readings: 7, outputs, rejected: 1 } },
    },
  );
  const text = formatMetrics(house, { eventStreams: 1, connections: 2 });
  assert.equal(text.split("\n").filter((line) => line.startsWith("# TYPE battery_")).length, QUANTITY_NAMES.length);
  assert.equal(promtool(text), "");
  assert.equal(promtool(formatMetrics(houseOf([]), { eventStreams: 0, connections: 1 })), "");
});

test("Prometheus scrapes a running house", { skip: without("prometheus", "promtool") }, async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  await system.startAggregator();
  const { url } = await system.startViewer();
  const agent = system.startAgent("house", "A4:C1:37:00:00:01", "-i", "0.5");
  await until("the metrics have the meter", async () => /^battery_volts\{meter="house"\}/m.test(await metricsOf(url)));
  assert.equal(promtool(await metricsOf(url)), "");
  const prometheus = await startPrometheus(t, { folder: system.folder }, new URL(url).host);
  const found = await until("Prometheus has volts", async () => {
    const points = await prometheus.samples();
    return points.some(({ fields }) => fields.volts !== undefined) && points;
  });
  assert.ok(found.every(({ measurement, tags }) => measurement === "battery" && tags.meter === "house"));
  await agent.stop("SIGKILL");
  await until("a stale meter has only online", async () => {
    const text = await metricsOf(url);
    return !text.includes("battery_volts") && text.includes('battery_online{meter="house"} 0');
  });
});

const metricsOf = async (url: string) => (await fetch(`${url}/metrics`)).text();
