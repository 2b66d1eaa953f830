import assert from "node:assert/strict";
import { test } from "node:test";
import type { SeriesView } from "../../../../viewer/model/views.ts";
import { describeLines, readout, tableOf } from "../../../../viewer/page/chart-words.ts";
import { axisEnds, CHARTS, chartsOf, linesOf, lonePoints } from "../../../../viewer/page/charts.ts";

const series = (times: number[], volts: (number | null)[], rest: Partial<SeriesView> = {}): SeriesView => ({
  meter: "house",
  from: 0,
  to: 12_000,
  resolutionMs: 0,
  times,
  mean: { volts },
  ...rest,
});
const MINUS = "\u2212";

test("a meter has the charts of what it reports", () => {
  const charts = chartsOf({ volts: 13, cell1: 3300, cell2: 3301, temp2: 20, online: 1 });
  assert.deepEqual(
    charts.map(({ title, quantities }) => [title, ...quantities]),
    [
      ["Voltage", "volts"],
      ["Cells", "cell1", "cell2"],
      ["Temperatures", "temp2"],
    ],
  );
});

test("points that are far apart are not connected", () => {
  const { times, lines } = linesOf(series([0, 1000, 2000, 9000, 10_000], [1, 2, 3, 4, 5]), ["volts"]);
  assert.deepEqual(times, [0, 1000, 2000, 5500, 9000, 10_000]);
  assert.deepEqual(lines[0]?.mean, [1, 2, 3, null, 4, 5]);
});

test("averaged points have a band", () => {
  const view = series([0, 1000], [1, 2], { resolutionMs: 1000, low: { volts: [0, 1] }, high: { volts: [2, 3] } });
  assert.deepEqual(linesOf(view, ["volts"]).lines, [{ quantity: "volts", mean: [1, 2], low: [0, 1], high: [2, 3] }]);
});

test("a quantity that the answer lacks is a line of gaps", () => {
  assert.deepEqual(linesOf(series([0, 1000], [1, 2]), ["amps"]).lines[0]?.mean, [null, null]);
});

for (const [title, low, high, ends] of [
  ["Charge", 40, 50, [0, 100]],
  ["Power", 100, 200, [0, 216]],
  ["Power", -200, -100, [-216, 0]],
  ["Voltage", 13.2, 13.2, [13.15, 13.25]],
  ["Cells", 3300, 3400, [3292, 3408]],
] as const) {
  test(`the axis of ${title} from ${low} to ${high}`, () => {
    const chart = CHARTS.find((each) => each.title === title) ?? assert.fail(title);
    assert.deepEqual(
      axisEnds(chart, low, high).map((end) => Number(end.toFixed(6))),
      ends,
    );
  });
}

test("values between gaps are points", () => {
  assert.deepEqual(lonePoints([1, null, 2, 3, null, null, 4]), [0, 6]);
  assert.deepEqual(lonePoints([1, 2]), []);
});

test("a chart in words", () => {
  const lines = linesOf(series([0, 1000, 2000, 62_000, 63_000], [-1, 2, 3, null, 4]), ["volts"]);
  assert.equal(describeLines(lines), `From ${MINUS}1.00\u00a0V to 4.00\u00a0V, last 4.00\u00a0V; 1 gap of 1 min.`);
  assert.equal(describeLines(linesOf(series([], []), ["volts"])), "No values in this time.");
});

test("a chart as a table of twelve rows", () => {
  const rows = tableOf(linesOf(series([0, 100, 11_500], [1, 3, 5]), ["volts"]), 0, 12_000);
  assert.equal(rows.length, 12);
  assert.deepEqual(rows[0], { from: 0, to: 1000, low: 1, mean: 2, high: 3 });
  assert.deepEqual(rows[1], { from: 1000, to: 2000 });
  assert.deepEqual(rows[11], { from: 11_000, to: 12_000, low: 5, mean: 5, high: 5 });
});

test("the values at a point", () => {
  const line = (quantity: "cell1" | "cell2" | "cell3" | "cell4" | "cell5", value: number | null) => ({
    quantity,
    mean: [value],
  });
  const five = [
    line("cell1", 3301),
    line("cell2", 3300),
    line("cell3", null),
    line("cell4", 3305),
    line("cell5", 3302),
  ];
  const times = [0];
  assert.equal(readout({ times, lines: five }, 0), "cell 2: 3300\u00a0mV – cell 4: 3305\u00a0mV");
  assert.equal(readout({ times, lines: [line("cell1", 3301)] }, 0), "3301\u00a0mV");
  assert.equal(readout({ times, lines: [line("cell1", null)] }, 0), "not measured");
});
