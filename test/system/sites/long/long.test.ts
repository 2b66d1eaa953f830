import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { without } from "../../telegraf/server.ts";
import { PARTS } from "../chain.ts";
import { startScenario } from "../scenario.ts";

const CUT_MS = 60_000;

test("pairs of parts, clean stops, long cuts, a hub without its disk", { skip: without("influxd") }, async (t) => {
  const nats = { command: process.env.TEST_NATS_SERVER ?? "nats-server", version: "2.10" } as const;
  const { chain, interrupt, recovered, finish } = await startScenario(t, nats);
  for (const part of PARTS) await interrupt([part], { signal: "SIGTERM" });
  for (const [i, one] of PARTS.entries()) {
    for (const other of PARTS.slice(i + 1)) await interrupt([one, other], { forMs: 3_000 });
  }
  for (const state of ["closed", "frozen"] as const) {
    chain.link.set(state);
    await sleep(CUT_MS);
    chain.link.set("open");
    await recovered();
  }
  await chain.end("hub", "SIGKILL");
  chain.hubs[0]?.loseDisk();
  await chain.start("hub");
  await chain.setUpHub();
  await recovered();
  await finish();
});
