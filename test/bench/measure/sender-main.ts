// Agents with a backlog, in one process: their real outboxes, without the radio. Prints `ready` once the backlog is there and
// the aggregator is connected, sends it after SIGUSR2, and prints `accepted` when the aggregator has accepted all of it.
//   sender-main.ts {"endpoint", "agents", "readings", "columns"}
// With `perSecond` it takes readings at this rate instead; with `inFlight` it takes the next as soon as fewer are unaccepted.
import { type Outbox, openOutbox } from "../../../agent/outbox/outbox.ts";
import { connectAggregator } from "../../../agent/outbox/zeromq-client.ts";
import { systemClock } from "../../../common/runtime/clock.ts";
import { silentLog } from "../../../common/runtime/log.ts";
import { until } from "../../support/until.ts";
import { deferred } from "./deferred.ts";
import { readingAt } from "./readings.ts";
import type { SenderOptions } from "./sender.ts";

const { endpoint, agents, readings, columns, perSecond, inFlight } = JSON.parse(
  process.argv[2] ?? "{}",
) as SenderOptions;
const UNBOUNDED = { memoryBytes: Number.MAX_SAFE_INTEGER };
/** Time between two looks, ms. */
const TICK_MS = 5;

const begun = deferred<void>();
process.once("SIGUSR2", () => begun.resolve());

const outboxes = Array.from({ length: agents }, () =>
  openOutbox(
    {
      connect(events) {
        const link = connectAggregator(endpoint, events, { clock: systemClock, uid: process.getuid?.() ?? 0 });
        return { ...link, send: (message) => begun.promise.then(() => link.send(message)) };
      },
      clock: systemClock,
      log: silentLog,
    },
    UNBOUNDED,
  ),
);
let taken = 0;
function takeUpTo(count: number): void {
  for (; taken < Math.min(count, readings); taken += 1) {
    const agent = taken % agents;
    outboxes[agent]?.put(readingAt(agent, Math.floor(taken / agents) + 1, columns), 0);
  }
}
const backlog = () => outboxes.reduce((sum, outbox: Outbox) => sum + outbox.backlog, 0);

const isPaced = perSecond !== undefined || inFlight !== undefined;
if (!isPaced) takeUpTo(readings);
await until("all are connected", () => outboxes.every(({ isConnected }) => isConnected), 60_000, 10);
process.stdout.write("ready\n");
await begun.promise;
const begin = performance.now();
while (taken < readings || backlog() > 0) {
  if (perSecond !== undefined) takeUpTo(((performance.now() - begin) / 1000) * perSecond);
  if (inFlight !== undefined) takeUpTo(taken + inFlight - backlog());
  await systemClock.sleep(TICK_MS);
}
process.stdout.write("accepted\n");
