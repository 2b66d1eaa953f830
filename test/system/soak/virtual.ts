// Runs the virtual house for a number of days and sends its figures to the parent. Not a test itself: the test runner tracks
// every promise, which would double the time. Arguments: days, folder for the tiers of the spool.
import { readdirSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Measurement } from "../../support/proof/growth.ts";
import { startVirtualHouse } from "./virtual-house.ts";

export interface VirtualFigures {
  readonly taken: number;
  readonly missing: number;
  readonly repeated: number;
  /** By day, after full garbage collections, bytes. */
  readonly heap: readonly Measurement[];
  /** Open descriptors by day. */
  readonly descriptors: readonly number[];
}

const PERIOD_MS = 10_000;
const HOUR_MS = 3_600_000;
const RECEIVER_AWAY_MS = 10 * 60_000;
const AGGREGATOR_AWAY_MS = 5 * 60_000;
/** Days in which the process reaches the size at which it stays. */
const WARM_UP_DAYS = 6;

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

function liveHeap(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function run(days: number, folder: string): Promise<VirtualFigures> {
  const isStored = new Uint8Array((days * 24 * HOUR_MS) / PERIOD_MS + 100);
  let rows = 0;
  const house = await startVirtualHouse(folder, PERIOD_MS, ({ seq }) => {
    rows += 1;
    isStored[seq] = 1;
  });
  const { clock } = house;
  const heap: Measurement[] = [];
  const descriptors: number[] = [];
  for (let day = 1; day <= days; day += 1) {
    await clock.sleep(8 * HOUR_MS);
    house.setReceiverAway(true);
    await clock.sleep(RECEIVER_AWAY_MS);
    house.setReceiverAway(false);
    await clock.sleep(8 * HOUR_MS - RECEIVER_AWAY_MS);
    await house.restartAggregator(AGGREGATOR_AWAY_MS);
    await clock.sleep(8 * HOUR_MS - AGGREGATOR_AWAY_MS);
    if (day <= WARM_UP_DAYS) continue;
    heap.push({ at: day, value: liveHeap() });
    descriptors.push(readdirSync("/proc/self/fd").length);
  }
  await house.close();
  const { taken } = house;
  const stored = isStored.reduce((sum, each) => sum + each, 0);
  return { taken, missing: taken - stored, repeated: rows - stored, heap, descriptors };
}

const [days = "", folder = ""] = process.argv.slice(2);
process.send?.(await run(Number(days), folder));
process.disconnect?.();
