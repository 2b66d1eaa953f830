import { cpSync, readdirSync } from "node:fs";
import { uptime } from "node:os";
import { join } from "node:path";
import { check, demand, report } from "../../installed/guest/check.ts";
import { watchProcessor } from "../../lab/guest/processor.ts";
import type { PartName } from "../part-names.ts";
import { CHANGES, type LinkFault } from "./link-faults.ts";
import { attack, REVOKED } from "./parts/attack.ts";
import { backlog } from "./parts/backlog.ts";
import { chaos, linkFaults } from "./parts/link.ts";
import { processorTime } from "./parts/processor-time.ts";
import { IDLE_S, POLL_S, traffic } from "./parts/traffic.ts";
import { verdict } from "./parts/verdict.ts";
import { SHARE, WORK } from "./paths.ts";
import { createStage, type Stage } from "./stage.ts";

interface Lengths {
  readonly processorS: number;
  readonly trafficS: number;
  /** Time between the polls of a meter whose traffic is measured, s: the idle connection has none. */
  readonly trafficPollsS: readonly number[];
  readonly cutsS: readonly number[];
  readonly changes: readonly LinkFault["kind"][];
  readonly incidents: number;
  readonly backlogS: number;
  readonly attackS: number;
}

const SHORT: Lengths = {
  ...{ processorS: 10, trafficS: 60, incidents: 4, backlogS: 60, attackS: 15 },
  trafficPollsS: [POLL_S],
  cutsS: [1, 20],
  changes: ["new address of the house", "connections forgotten by the router"],
};
const LONG: Lengths = {
  ...{ processorS: 60, trafficS: 300, incidents: 40, backlogS: 3_600, attackS: 60 },
  trafficPollsS: [POLL_S, IDLE_S],
  cutsS: [1, 3, 10, 30, 60, 180, 600],
  changes: CHANGES,
};
const PARTS: Readonly<Record<PartName, (stage: Stage, lengths: Lengths, seed: string) => Promise<void>>> = {
  traffic: async (stage, { processorS, trafficS, trafficPollsS }) => {
    await processorTime(processorS);
    await traffic(stage, trafficS, trafficPollsS);
  },
  link: (stage, { cutsS, changes }) => linkFaults(stage, cutsS, changes),
  kills: (stage, { incidents }, seed) => chaos(stage, seed, incidents),
  backlog: (stage, { backlogS }) => backlog(stage, backlogS),
  attack: (stage, { attackS }) => attack(stage, attackS),
};
/** Far below the time after which the host takes the machine for hung. */
const HEARTBEAT_MS = 10_000;

const [length = "", seed = "", ...parts] = process.argv.slice(2);
setInterval(() => process.stdout.write("\n"), HEARTBEAT_MS).unref();
const processor = watchProcessor();
const startedAt = Date.now();
try {
  const stage = await createStage();
  await demand("readings of both hosts arrive", async () => `${((await stage.recovered()) / 1000).toFixed(1)} s`);
  stage.network.setLink("slow");
  for (const part of parts) await PARTS[part as PartName](stage, length === "long" ? LONG : SHORT, seed);
  await check("everything is delivered, and all programs end", stage.close);
  await verdict(stage, [...stage.agents.map(({ meter }) => meter), REVOKED]);
  report({ kind: "end", seconds: uptime(), busy: processor.busySince(startedAt) });
} catch (error) {
  const seen = error instanceof Error ? `${error.stack}, ${error.cause}` : String(error);
  report({ kind: "finding", finding: { expected: "runs to its end", verdict: "failed", seen } });
}
for (const name of readdirSync(WORK).filter((each) => /\.(log|jsonl)$|^rows$/.test(each))) {
  cpSync(join(WORK, name), join(SHARE, name));
}
// Ends with whatever still runs: init switches the machine off.
process.exit(0);
