import assert from "node:assert/strict";
import { test } from "node:test";
import { createHostLedger } from "../../../../aggregator/hosts/host-ledger.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import type { Delivery } from "../../../../common/wire/messages.ts";

const ORIGIN = { run: "0000000000000001", meter: "pack", device: "A4:C1:37:00:00:01", driver: "jbdbms" };

function setUp() {
  const clock = virtualClock();
  const logged: string[] = [];
  const write = (line: string) => void logged.push(line);
  const ledger = createHostLedger(clock, { error: write, warn: write, info: write, debug: write });
  return {
    logged,
    clockAhead: () => ledger.of("shed").clockAheadMs,
    /** Messages whose sender's clock is ahead by these, in ms. */
    receive(...differences: readonly number[]) {
      for (const ahead of differences) {
        const delivery: Delivery = { origin: ORIGIN, from: 1, after: 0, readings: [], sent: clock.now() + ahead };
        ledger.record("shed", delivery, 1);
      }
      return ledger.of("shed");
    },
  };
}

test("a clock that is ahead is noticed at once: no delay can cause it", () => {
  const { receive, logged } = setUp();
  assert.equal(receive(73_000).clockAheadMs, 73_000);
  assert.match(logged.join(), /the clock of host "shed" is 73 s ahead of this one/);
});

test("messages that were delayed do not make a clock late while one of 16 comes in time", () => {
  const { receive, logged } = setUp();
  receive(...new Array(15).fill(-9_000), -300);
  assert.deepEqual(logged, []);
  const { readings, clockAheadMs } = receive(-9_000);
  assert.deepEqual([readings, clockAheadMs], [17, undefined]);
});

test("a clock that is behind is logged once, and once when it agrees again", () => {
  const { receive, logged, clockAhead } = setUp();
  receive(...new Array(20).fill(-30_000));
  assert.equal(clockAhead(), -30_000);
  receive(0, 0, 0);
  assert.equal(clockAhead(), undefined);
  assert.equal(logged.length, 2);
  assert.match(logged[0] ?? "", /the clock of host "shed" is 30 s behind this one/);
  assert.match(logged[1] ?? "", /the clock of host "shed" agrees with this one again/);
});
