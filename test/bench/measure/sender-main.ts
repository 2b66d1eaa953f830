// Agents with a backlog, in one process: their real outboxes, without the radio. Prints `ready` once the backlog is there and
// the aggregator is connected, and sends it after SIGUSR2.
//   sender-main.ts ENDPOINT AGENTS READINGS COLUMNS

import { openOutbox } from "../../../agent/outbox/outbox.ts";
import { connectAggregator } from "../../../agent/outbox/zeromq-client.ts";
import { systemClock } from "../../../common/runtime/clock.ts";
import { silentLog } from "../../../common/runtime/log.ts";
import { until } from "../../support/until.ts";
import { readingAt } from "./readings.ts";

const [, , endpoint = "", agents = "1", readings = "1", columns = "49"] = process.argv;
const UNBOUNDED = { memoryBytes: Number.MAX_SAFE_INTEGER };

let go = () => {};
const begun = new Promise<void>((resolve) => {
  go = resolve;
});
process.once("SIGUSR2", () => go());

const outboxes = Array.from({ length: Number(agents) }, (_, agent) => {
  const outbox = openOutbox(
    {
      connect(events) {
        const link = connectAggregator(endpoint, events, { clock: systemClock, uid: process.getuid?.() ?? 0 });
        return { ...link, send: (message) => begun.then(() => link.send(message)) };
      },
      clock: systemClock,
      log: silentLog,
    },
    UNBOUNDED,
  );
  for (let seq = 1; seq <= Number(readings) / Number(agents); seq += 1)
    outbox.put(readingAt(agent, seq, Number(columns)), 0);
  return outbox;
});
await until("all are connected", () => outboxes.every(({ isConnected }) => isConnected), 60_000, 10);
process.stdout.write("ready\n");
