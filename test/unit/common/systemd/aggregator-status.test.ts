import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAggregatorStatus, outputsAway } from "../../../../common/systemd/aggregator-status.ts";

const telegraf = (state: string, waiting = 0) => ({ name: "unix:///run/telegraf/bms.sock", state, waiting });

test("one line tells how many meters and readings there were, and how each output stands", () => {
  assert.equal(
    formatAggregatorStatus({
      meters: 3,
      taken: 8412,
      outputs: [telegraf("open", 2), { ...telegraf("open"), name: "stdout" }],
    }),
    "3 meters, 8,412 readings, unix:///run/telegraf/bms.sock is open, stdout is open",
  );
  assert.equal(
    formatAggregatorStatus({ meters: 3, taken: 8412, outputs: [telegraf("away", 1024)] }),
    "3 meters, 8,412 readings, unix:///run/telegraf/bms.sock is away, 1,024 wait",
  );
});

test("the line names the outputs that are not written to", () => {
  for (const state of ["away", "stuck", "ended"]) {
    const line = formatAggregatorStatus({ meters: 1, taken: 1, outputs: [telegraf(state, 5), telegraf("open")] });
    assert.deepEqual(outputsAway(line), [telegraf(state).name]);
  }
  assert.deepEqual(outputsAway("waiting 2 s: the last 4 runs ended within ten minutes"), []);
});
