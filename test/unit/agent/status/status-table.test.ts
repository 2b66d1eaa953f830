import assert from "node:assert/strict";
import { test } from "node:test";
import { agentStatus, type StatusSources } from "../../../../agent/status/status-table.ts";
import { readingOf } from "../../../support/reading.ts";

const fresh: StatusSources = {
  meter: "bms",
  address: "A4:C1:37:00:00:01",
  endpoint: "ipc:///run/bms/readings.sock",
  spool: undefined,
  device: { text: "connecting", driver: undefined, silentMs: undefined },
  outbox: { latest: undefined, backlog: 0, unsettled: 0, dropped: 0, spoolBytes: 0, epoch: undefined },
};

test("an agent that has just started has little to tell", () => {
  assert.equal(
    agentStatus(fresh),
    `bms-agent bms
  device       A4:C1:37:00:00:01 (driver not known yet)
  state        connecting
  last answer  none yet
  polls        0
  failures     0
  reconnects   0
  backlog      0 not accepted
  unsettled    0 kept until nobody needs them again
  dropped      0
  spool        none: in memory only
  aggregator   ipc:///run/bms/readings.sock, not heard yet
  run          nothing taken yet
`,
  );
});

test("an agent at work tells all that its rows tell, and how it stands with the aggregator and its spool", () => {
  const status = agentStatus({
    ...fresh,
    spool: { folder: "/var/lib/bms/agent-solar", when: "away" },
    device: { text: "connected", driver: "jbd", silentMs: 3_240 },
    outbox: {
      latest: readingOf(12, { sample: { polls: 12, failures: 2, reconnects: 1 } }),
      backlog: 3,
      unsettled: 9,
      dropped: 1,
      spoolBytes: 4_711,
      epoch: "0123456789abcdef",
    },
  });
  assert.equal(
    status,
    `bms-agent bms
  device       A4:C1:37:00:00:01 (jbd)
  state        connected
  last answer  3.2 s ago
  polls        12
  failures     2
  reconnects   1
  backlog      3 not accepted
  unsettled    9 kept until nobody needs them again
  dropped      1
  spool        4711 bytes in /var/lib/bms/agent-solar (away)
  aggregator   ipc:///run/bms/readings.sock, epoch 0123456789abcdef
  run          ${readingOf(1).run}
`,
  );
});
