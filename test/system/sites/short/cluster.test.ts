import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../../support/until.ts";
import { without } from "../../telegraf/server.ts";
import type { Chain, PartName } from "../chain.ts";
import { startScenario } from "../scenario.ts";

/** nats-server and Telegraf of the machines. */
const MACHINES: Readonly<Record<string, readonly PartName[]>> = {
  hub: ["hub", "centre"],
  hub2: ["hub2", "centre2"],
  hub3: ["hub3", "centre3"],
};

test("a hub becomes a cluster of three, and works without each of its machines", {
  skip: without("influxd"),
}, async (t) => {
  const nats = { command: process.env.TEST_NATS_SERVER ?? "nats-server", version: "2.10" } as const;
  const { chain, recovered, finish } = await startScenario(t, nats);
  await chain.formCluster();
  await recovered();

  const roles: readonly [role: string, find: () => string | undefined][] = [
    ["the one that the site is connected to", () => chain.hubs.find(({ link }) => link.isUsed())?.name],
    ["the leader", () => streamOf(chain)?.leader],
    ["a follower", () => chain.hubs.find(({ name }) => name !== streamOf(chain)?.leader)?.name],
  ];
  for (const [role, find] of roles) {
    await inStep(chain);
    const name = await until(role, find);
    const machine = MACHINES[name];
    assert.ok(machine, name);
    const from = performance.now();
    for (const part of machine) await chain.end(part, "SIGKILL");
    await recovered();
    t.diagnostic(`${role}, ${name}: new rows after ${((performance.now() - from) / 1000).toFixed(1)} s without it`);
    for (const part of machine) await chain.start(part);
  }

  await inStep(chain);
  for (const part of ["hub", "hub2"] as const) await chain.end(part, "SIGKILL");
  await sleep(3_000);
  for (const part of ["hub", "hub2"] as const) await chain.start(part);
  await recovered();
  await finish();
});

interface StreamCluster {
  readonly leader?: string;
  readonly replicas?: readonly { readonly current: boolean }[];
}

function streamOf(chain: Chain): StreamCluster | undefined {
  const text = chain.atCentre("stream", "info", "readings", "--json");
  return text.startsWith("{") ? (JSON.parse(text) as { cluster: StreamCluster }).cluster : undefined;
}

/** Resolves once all three have every reading, so that the next one may be lost. */
async function inStep(chain: Chain): Promise<void> {
  await until("all replicas are current", () => {
    const { replicas = [] } = streamOf(chain) ?? {};
    return replicas.length === 2 && replicas.every(({ current }) => current);
  });
}
