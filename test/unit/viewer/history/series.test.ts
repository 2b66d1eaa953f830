import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Sample } from "../../../../common/model/reading.ts";
import { averagedSeries, bucketMs, type Point, rowsOf, singleSeries } from "../../../../viewer/history/series.ts";
import type { SeriesRequest } from "../../../../viewer/model/history.ts";

const request: SeriesRequest = { meter: "house", quantities: ["volts"], from: 0, to: 3_600_000, points: 100 };
const point = (seconds: number, sample: Sample): Point => ({ at: seconds * 1000, sample });
const volts = (seconds: number, value = 13): Point => point(seconds, { volts: value, online: 1 });
const offline = (seconds: number): Point => point(seconds, { online: 0, failures: 1 });

describe("single readings", () => {
  const rows: [string, Point[], (number | null)[]][] = [
    ["one period apart", [0, 10, 20, 30].map((s) => volts(s)), [13, 13, 13, 13]],
    ["one missing", [0, 10, 30, 40].map((s) => volts(s)), [13, 13, 13, 13]],
    ["a gap of more than two periods", [0, 10, 20, 50, 60, 70].map((s) => volts(s)), [13, 13, 13, null, 13, 13, 13]],
    ["another interval from a moment on", [0, 10, 20, 30, 90, 150, 210, 270].map((s) => volts(s)), Array(8).fill(13)],
    ["no values while offline", [volts(0), volts(10), offline(20), volts(30)], [13, 13, null, 13]],
    ["nothing", [], []],
  ];
  for (const [about, points, expected] of rows) {
    test(about, () => {
      const { mean, times } = singleSeries(request, points);
      assert.deepEqual(mean.volts, expected);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
    });
  }
  test("the agent's own figures go on while the device is away", () => {
    const points = [volts(0), volts(10), offline(20), offline(30), offline(40), offline(50), volts(60)];
    const { mean } = singleSeries({ ...request, quantities: ["failures"] }, points);
    assert.deepEqual(mean.failures, [null, null, 1, 1, 1, 1, null]);
  });
});

describe("averaged readings", () => {
  test("mean, lowest and highest of each bucket, at its middle", () => {
    const points = [volts(0, 12), volts(10, 13), volts(20, 14), volts(30, 15), volts(40, 16), volts(50, 18)];
    const { times, mean, low, high, resolutionMs } = averagedSeries(request, [rowsOf(request, points)], 30_000);
    assert.equal(resolutionMs, 30_000);
    assert.deepEqual(times, [15_000, 45_000]);
    assert.deepEqual(mean.volts, [13, 16.3333]);
    assert.deepEqual(low?.volts, [12, 15]);
    assert.deepEqual(high?.volts, [14, 18]);
  });
  test("no line across an outage, even between two buckets that follow each other", () => {
    const points = [0, 10, 20, 30, 95, 105, 115].map((seconds) => volts(seconds));
    assert.deepEqual(averagedSeries(request, [rowsOf(request, points)], 60_000).mean.volts, [13, null, 13]);
  });
  test("an empty bucket without a gap is left out", () => {
    const points = [0, 20, 40, 60, 80].map((seconds) => volts(seconds));
    assert.deepEqual(averagedSeries(request, [rowsOf(request, points)], 10_000).mean.volts, [13, 13, 13, 13, 13]);
  });
});

test("the width of a bucket: about as many points as are asked for", () => {
  const [hour, day] = [3_600_000, 86_400_000];
  assert.equal(bucketMs(hour, 400), 10_000);
  assert.equal(bucketMs(day, 600), 300_000);
  assert.equal(bucketMs(7 * day, 600), 1_800_000);
  assert.equal(bucketMs(365 * day, 600), 24 * hour);
  assert.equal(bucketMs(10 * 365 * day, 600), 7 * day);
});
