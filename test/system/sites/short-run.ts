import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { NatsServer } from "./hub.ts";
import { startScenario } from "./scenario.ts";

/** Each part is killed, the link is cut while the hub is killed, and a site does what it may not. Every reading is stored once. */
export async function shortRun(t: TestContext, nats: NatsServer): Promise<void> {
  const { chain, interrupt, recovered, finish } = await startScenario(t, nats);
  for (const [args, refused] of FORBIDDEN_AT_THE_HUB) assert.match(chain.atHub(...args), refused, args.join(" "));
  for (const [args, refused] of FORBIDDEN_AT_THE_LEAF) assert.match(chain.atLeaf(...args), refused, args.join(" "));
  chain.atLeaf("pub", "battery.boat", "battery,meter=m1 polls=999999i");
  chain.atLeaf("pub", "deliver.telegraf", "battery,meter=m1 polls=999999i");

  for (const part of ["site", "leaf", "centre", "database"] as const) await interrupt([part]);
  chain.link.set("closed");
  await sleep(2_000);
  await chain.end("hub", "SIGKILL");
  await sleep(1_000);
  await chain.start("hub");
  chain.link.set("open");
  await recovered();
  await finish();
}

const REFUSED = /Permissions Violation/i;
type Attempt = readonly [args: readonly string[], refused: RegExp];

/** With the password of a site. */
const FORBIDDEN_AT_THE_HUB: readonly Attempt[] = [
  [["pub", "battery.boat", "x"], REFUSED],
  [["pub", "battery.shed", "x"], REFUSED],
  [["pub", "deliver.telegraf", "x"], REFUSED],
  [["sub", "battery.>", "--count=1"], REFUSED],
  [["stream", "ls"], REFUSED],
];

/** Through the link. */
const FORBIDDEN_AT_THE_LEAF: readonly Attempt[] = [
  [["--js-domain=hub", "stream", "ls"], /no responders/],
  [["--js-domain=hub", "stream", "purge", "readings", "-f"], /no responders/],
];
