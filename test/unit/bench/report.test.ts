import assert from "node:assert/strict";
import { test } from "node:test";
import type { Measure } from "../../bench/question.ts";
import { atLeast, atLeastTimes, atMost, atMostTimes } from "../../bench/report/budget.ts";
import { chart } from "../../bench/report/chart.ts";
import { type Answered, benchmarksDocument } from "../../bench/report/document.ts";
import { answerLines, figureText } from "../../bench/report/table.ts";
import { Tally } from "../../bench/report/tally.ts";

const measure: Measure = {
  what: "Time",
  unit: "ms",
  decimals: 1,
  series: [
    { subject: "agent", values: [2, 1, 3] },
    { subject: "peer", values: [8] },
    { subject: "Telegraf", values: [] },
  ],
};

test("a figure is the median, with the lowest and the highest value", () => {
  assert.equal(figureText(measure, [2, 1, 3]), "2.0 (1.0 to 3.0)");
  assert.equal(figureText(measure, [12_345.67]), "12,345.7");
  assert.equal(figureText(measure, []), "not here");
});

test("a budget compares medians", () => {
  for (const [about, budgets, figure, isMet, isBroken] of [
    ["at most", atMost(measure, "agent", 2), "2.0 ms", true, undefined],
    ["above it", atMost(measure, "agent", 1.9), "2.0 ms", false, undefined],
    ["at least", atLeast(measure, "peer", 8), "8.0 ms", true, undefined],
    ["below it", atLeast(measure, "peer", 9), "8.0 ms", false, undefined],
    ["at most a ratio", atMostTimes(measure, "agent", "peer", 0.25), "0.25 ×", true, false],
    ["above a ratio", atMostTimes(measure, "agent", "peer", 0.1), "0.25 ×", false, false],
    ["far above a ratio", atMostTimes(measure, "agent", "peer", 0.03), "0.25 ×", false, true],
    ["at least a ratio", atLeastTimes(measure, "peer", "agent", 4), "4.00 ×", true, false],
    ["below a ratio", atLeastTimes(measure, "peer", "agent", 11), "4.00 ×", false, false],
    ["far below a ratio", atLeastTimes(measure, "peer", "agent", 33), "4.00 ×", false, true],
  ] as const) {
    assert.equal(budgets.length, 1, about);
    const [budget] = budgets;
    assert.deepEqual([budget?.figure, budget?.isMet, budget?.isBroken], [figure, isMet, isBroken], about);
  }
});

test("a program that is not here has no budget", () => {
  assert.deepEqual(atLeastTimes(measure, "agent", "Telegraf", 2), []);
  assert.deepEqual(atMost(measure, "Telegraf", 2), []);
  assert.deepEqual(atMostTimes(measure, "naive", "agent", 2), []);
});

test("a tally keeps subjects in their order and leaves out what was not measured", () => {
  const tally = new Tally();
  tally.add("b", 1);
  tally.add("a", undefined);
  tally.add("b", 2, undefined, 3);
  const { series } = tally.measure("Time", "ms", 0);
  assert.deepEqual(series, [
    { subject: "b", values: [1, 2, 3] },
    { subject: "a", values: [] },
  ]);
});

test("an answer on a terminal has its figures, budgets and notes", () => {
  const budgets = [...atMost(measure, "agent", 1), ...atLeast(measure, "agent", 1)];
  const lines = answerLines({ name: "time", title: "How long" }, { measures: [measure], budgets, notes: ["3 runs"] });
  assert.deepEqual(lines, [
    "",
    "time: How long",
    "",
    "  Time, ms",
    "    agent     2.0 (1.0 to 3.0)",
    "    peer      8.0",
    "    Telegraf  not here",
    "",
    "  NOT MET                2.0 ms  Time: agent at most 1 ms",
    "  met                    2.0 ms  Time: agent at least 1 ms",
    "  note: 3 runs",
  ]);
});

test("a chart has a bar for each median, a line for the spread, and no markup of its texts", () => {
  const svg = chart("How long", [{ ...measure, what: "a < b & c" }]);
  assert.equal(svg.match(/<rect /g)?.length, 2);
  assert.equal(svg.match(/<line /g)?.length, 1);
  assert.match(svg, />a &lt; b &amp; c, ms</);
  assert.match(svg, /class="bar own" x="270" y="30" width="75.0"/);
  assert.match(svg, /class="bar" x="270" y="52" width="300.0"/);
  assert.match(svg, /<title>How long<\/title>/);
  assert.match(svg, /prefers-color-scheme: dark/);
});

test("the document names the machine, marks each budget, and ends with the findings", () => {
  const answered: Answered = {
    name: "time",
    title: "How long",
    measures: [measure],
    budgets: [...atMost(measure, "agent", 1), ...atLeast(measure, "agent", 1)],
    notes: [],
  };
  const environment = { date: "2026-11-27", machine: "2 processors", versions: { Node: "24.0.0" } };
  const text = benchmarksDocument([answered], environment, ["### Agent\n\nHere.\n", "### Aggregator\n"]);
  assert.match(text, /^Measured on 2026-11-27: 2 processors\. Node 24\.0\.0\./m);
  assert.match(text, /^1 of 2 are met\./m);
  assert.match(text, /^\| \[time\]\(#time\) \| Time: agent at most 1 ms \| 2\.0 ms \| \*\*not met\*\* \|$/m);
  assert.match(text, /^\| \[time\]\(#time\) \| Time: agent at least 1 ms \| 2\.0 ms \| met \|$/m);
  assert.match(text, /^!\[How long\]\(benchmarks\/time\.svg\)$/m);
  assert.match(text, /^\| Time \| agent \| 2\.0 \(1\.0 to 3\.0\) ms \|\n\| \| peer \| 8\.0 ms \|$/m);
  assert.match(text, /## Where the time goes\n\n### Agent\n\nHere\.\n\n### Aggregator\n$/);
});
