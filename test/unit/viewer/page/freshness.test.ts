import assert from "node:assert/strict";
import { test } from "node:test";
import type { MeterView } from "../../../../viewer/model/views.ts";
import { judgeMeter } from "../../../../viewer/page/freshness.ts";

const AT = 1_700_000_000_000;
const LIVE: MeterView = {
  meter: "house",
  device: "A4:C1:37:00:00:01",
  driver: "jbd",
  state: "live",
  since: AT - 60_000,
  periodMs: 5000,
  measuredAt: AT,
  sample: { volts: 13.2 },
  conditions: [],
};

for (const [about, view, now, isConnected, state, since] of [
  ["a value just measured is live", LIVE, AT + 1000, true, "live", LIVE.since],
  ["one of two periods ago is stale, whatever was last reported", LIVE, AT + 11_600, true, "stale", AT],
  ["without a connection nothing is live", LIVE, AT + 1000, false, "stale", AT],
  [
    "offline stays offline without a connection",
    { ...LIVE, state: "offline" },
    AT + 1000,
    false,
    "offline",
    LIVE.since,
  ],
  ["a frozen value is not live", { ...LIVE, frozenSince: AT - 9000 }, AT + 1000, true, "frozen", AT - 9000],
  ["nothing comes of a frozen one any more", { ...LIVE, frozenSince: AT - 9000 }, AT + 11_600, true, "stale", AT],
  [
    "a period that is not known yet is the viewer's business",
    { ...LIVE, periodMs: undefined },
    AT + 60_000,
    true,
    "live",
    LIVE.since,
  ],
] as const) {
  test(about, () => {
    const shown = judgeMeter(view as MeterView, now, isConnected);
    assert.deepEqual([shown.state, shown.since], [state, since]);
  });
}
