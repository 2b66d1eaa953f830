import assert from "node:assert/strict";
import { test } from "node:test";
import { formatStatus } from "../../../aggregator/status.ts";

test("a table tells who was seen, what came, and how each output stands", () => {
  const status = formatStatus({
    endpoint: "ipc:///run/bms/readings.sock",
    meters: 3,
    runs: 5,
    taken: 1_200,
    repeated: 12,
    refused: 1,
    epoch: "0123456789abcdef",
    outputs: [
      { name: "unix:///run/t.sock", isRequired: true, state: "open", written: 1_200, waiting: 2, unsettled: 18 },
      { name: "stdout", isRequired: false, state: "away", written: 0, waiting: 0, unsettled: 0 },
    ],
  });
  assert.equal(
    status,
    `bms-aggregator
  takes at  ipc:///run/bms/readings.sock
  agents    3 meters, 5 runs seen
  readings  1200 taken, 12 repeats
  messages  1 refused
  epoch     0123456789abcdef
  output    unix:///run/t.sock: open, 1200 rows written, 2 waiting, 18 not settled
  output    stdout: away, 0 rows written, 0 waiting, nothing waits for it
`,
  );
});
