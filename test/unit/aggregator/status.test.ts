import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AggregatorDetails,
  aggregatorStatus,
  closingLine,
  formatStatusLine,
  formatStatusTable,
  type OutputDetails,
} from "../../../aggregator/status.ts";
import { parseAggregatorStatus } from "../../../common/model/status.ts";

const ENDPOINT = "ipc:///run/bms/readings.sock";
const OUTPUT: OutputDetails = {
  name: "unix:///run/t.sock",
  isRequired: true,
  state: "open",
  written: 1_200,
  waiting: 2,
  unsettled: 18,
};
const STDOUT: OutputDetails = {
  name: "stdout",
  isRequired: false,
  state: "away",
  written: 0,
  waiting: 1_024,
  unsettled: 0,
};
const DETAILS: AggregatorDetails = {
  meters: 3,
  runs: 5,
  readings: 8_412,
  repeats: 12,
  ahead: 4,
  rejected: { malformed: 2, version: 1 },
  epoch: "0123456789abcdef",
  outputs: [OUTPUT, STDOUT],
  feed: { subscribers: 1, published: 8_500 },
};

test("the table shows the agents, the readings, and the state of each output", () => {
  assert.equal(
    formatStatusTable(DETAILS, ENDPOINT),
    `bms-aggregator
  endpoint   ipc:///run/bms/readings.sock
  agents     3 meters, 5 runs seen
  readings   8412 received, 12 repeats, 4 ahead of the clock
  messages   3 rejected
  epoch      0123456789abcdef
  output     unix:///run/t.sock: open, 1200 rows written, 2 waiting, 18 unsettled
  output     stdout: away, 0 rows written, 1024 waiting, nothing waits for it
  live feed  1 subscriber, 8500 readings published
`,
  );
});

test("the line for systemctl status shows the queue of an output only while it is not written to", () => {
  assert.equal(
    formatStatusLine(DETAILS),
    "3 meters, 8,412 readings, unix:///run/t.sock is open, stdout is away, 1,024 waiting",
  );
});

test("the status file holds what its reader expects", () => {
  const status = aggregatorStatus(DETAILS, ENDPOINT, 1_700_000_000_000);
  assert.deepEqual(parseAggregatorStatus(JSON.parse(JSON.stringify(status))), status);
  assert.deepEqual(status.outputs, [
    { name: "unix:///run/t.sock", state: "open", waiting: 2 },
    { name: "stdout", state: "away", waiting: 1_024 },
  ]);
  assert.equal(status.ahead, 4);
  assert.deepEqual(status.rejected, { malformed: 2, version: 1 });
  assert.deepEqual(status.feed, { subscribers: 1, published: 8_500 });
  assert.ok(!("feed" in aggregatorStatus({ ...DETAILS, feed: undefined }, ENDPOINT, 1_700_000_000_000)));
});

test("the last line of the log has what was received, and what each output got", () => {
  assert.equal(
    closingLine(DETAILS),
    "8,412 readings received, 1,200 written to unix:///run/t.sock, 0 written to stdout",
  );
  assert.equal(closingLine({ readings: 1, outputs: [] }), "1 reading received");
});
