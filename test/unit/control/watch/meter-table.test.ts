import assert from "node:assert/strict";
import { test } from "node:test";
import { meterTable, readingLine } from "../../../../control/watch/meter-table.ts";
import type { MeterView } from "../../../../viewer/model/views.ts";
import { readingOf } from "../../../support/reading.ts";

const NOW = Date.UTC(2026, 10, 27, 12);
const ago = (seconds: number) => NOW - seconds * 1000;
const VIEW: MeterView = {
  meter: "house",
  device: "A4:C1:37:00:00:01",
  driver: "jbd",
  state: "live",
  since: ago(3_600),
  measuredAt: ago(4),
  sample: { volts: 13.314, amps: -2.1, watts: -27.96, percent: 83, temp1: 21.25, temp2: 22.1 },
  direction: "discharging",
  conditions: [],
  cells: [3331, 3329, 3333].map((millivolts, i) => ({
    number: i + 1,
    millivolts,
    isLowest: i === 1,
    isHighest: i === 2,
    isBalancing: false,
  })),
};
const rowsOf = (...views: readonly MeterView[]) => meterTable(views, NOW).split("\n").slice(1, -1);

test("a live meter shows its values with units, the direction and the spread of its cells", () => {
  assert.equal(
    meterTable([VIEW], NOW),
    `meter  state  volts    amps                 watts  charge  temperature      cells  conditions
house  live   13.31 V  -2.10 A discharging  -28 W  83 %    21.3 to 22.1 °C  4 mV
`,
  );
});

test("what is charging has a plus, and what is not known is a dash", () => {
  const sample = { volts: 12.8, amps: 5.5, watts: -0.2 };
  const { cells, ...view } = VIEW;
  assert.deepEqual(rowsOf({ ...view, sample, direction: "charging" }), [
    "house  live   12.80 V  +5.50 A charging  0 W    -       -            -",
  ]);
});

const NOT_LIVE: readonly (readonly [about: string, changed: Partial<MeterView>, row: RegExp])[] = [
  [
    "an old row",
    { state: "stale", since: ago(45) },
    /^house {2}stale, 45 s old {2}\(13\.31 V\) {2}\(-2\.10 A\) .*\(4 mV\)$/,
  ],
  [
    "a device that does not answer",
    { state: "offline", since: ago(190) },
    /^house {2}offline for 3 min {2}\(13\.31 V\)/,
  ],
  ["values that do not change", { frozenSince: ago(1_200) }, /^house {2}frozen for 20 min {2}13\.31 V/],
  ["a clock that is behind", { state: "stale", since: NOW + 5_000 }, /^house {2}stale, 0 s old/],
];
for (const [about, changed, row] of NOT_LIVE) {
  test(`never looks alive: ${about}`, () => {
    const { direction, ...view } = VIEW;
    assert.match(rowsOf({ ...view, ...changed }).join(), row);
  });
}

test("conditions are in words", () => {
  const conditions = [
    { quantity: "ovp", text: "cell over-voltage protection", kind: "protection" },
    { quantity: "fet", text: "charging is switched off", kind: "switch" },
  ] as const;
  assert.match(rowsOf({ ...VIEW, conditions }).join(), / {2}cell over-voltage protection; charging is switched off$/);
});

test("a reading is a line of what is known", () => {
  const reading = readingOf(1, {
    meter: "solar",
    takenAt: NOW,
    sample: { volts: 13.3, amps: 1.25, cell1: 3300, cell2: 3305, ovp: 1 },
  });
  assert.equal(
    readingLine(reading),
    "2026-11-27T12:00:00.000Z  solar  13.30 V  +1.25 A  5 mV  cell over-voltage protection\n",
  );
});

test("a row of an agent whose device does not answer has no values", () => {
  const reading = readingOf(1, { meter: "solar", takenAt: NOW, sample: { online: 0, polls: 7 } });
  assert.equal(readingLine(reading), "2026-11-27T12:00:00.000Z  solar  offline\n");
});
