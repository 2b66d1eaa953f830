import assert from "node:assert/strict";
import { test } from "node:test";
import { agentStatusTable } from "../../../../agent/status/status-table.ts";
import { agentStatusOf } from "../../../support/agent-status.ts";

const RUN = "00112233445566ff";

test("the status table of an agent that has just started", () => {
  const table = agentStatusTable({
    status: agentStatusOf({ state: "connecting" }),
    run: RUN,
    endpoint: "ipc:///run/bms/readings.sock",
    spool: undefined,
    outbox: { unsettled: 0, spoolBytes: 0, epoch: undefined },
  });
  assert.equal(
    table,
    `bms-agent bms
  device       A4:C1:37:00:00:01 (driver not known yet)
  state        connecting
  clock        not checked yet
  last answer  none yet
  polls        0
  failures     0
  reconnects   0
  backlog      0 not accepted
  unsettled    0 kept until they are settled
  dropped      0
  spool        none: in memory only
  aggregator   ipc:///run/bms/readings.sock, no answer yet
  run          ${RUN}
`,
  );
});

test("the status table of an agent at work", () => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5);
  const table = agentStatusTable({
    status: agentStatusOf({
      driver: "jbd",
      clock: "confirmed",
      at,
      readings: 10,
      failures: 2,
      lastReadingAt: at - 3_240,
      reconnects: 1,
      backlog: 3,
      dropped: 1,
    }),
    run: RUN,
    endpoint: "ipc:///run/bms/readings.sock",
    spool: { folder: "/var/lib/bms/agent-solar", when: "away" },
    outbox: { unsettled: 9, spoolBytes: 4_711, epoch: "0123456789abcdef" },
  });
  assert.equal(
    table,
    `bms-agent bms
  device       A4:C1:37:00:00:01 (jbd)
  state        connected
  clock        confirmed
  last answer  3.2 s ago
  polls        12
  failures     2
  reconnects   1
  backlog      3 not accepted
  unsettled    9 kept until they are settled
  dropped      1
  spool        4711 bytes in /var/lib/bms/agent-solar (away)
  aggregator   ipc:///run/bms/readings.sock, epoch 0123456789abcdef
  run          ${RUN}
`,
  );
});
