import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Reading, Sample } from "../../../../common/model/reading.ts";
import { longestObservedMs, minuteFigures } from "../../../../viewer/history/energy.ts";
import { type MinuteFigures, NEIGHBOUR_MS, NEIGHBOURS } from "../../../../viewer/history/summaries.ts";
import { fc } from "../../../support/property.ts";
import { readingOf } from "../../../support/reading.ts";

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 10, 27, 12);

const row = (second: number, sample: Sample, device = "A4:C1:37:00:00:01"): Reading =>
  readingOf(1, { takenAt: START + second * 1000, sample, device });

/** Rows every `everyS` seconds with these watts; undefined: an offline row. */
const rows = (everyS: number, watts: readonly (number | undefined)[]) =>
  watts.map((each, i) => row(i * everyS, each === undefined ? { online: 0 } : { watts: each, online: 1 }));

type Figures = Required<MinuteFigures>;
const NONE: Figures = { chargedWh: 0, dischargedWh: 0, chargedAh: 0, dischargedAh: 0, observedMs: 0 };

const minuteOf = ({ takenAt }: Reading) => Math.floor(takenAt / MINUTE_MS) * MINUTE_MS;

/** The figures of each minute, as the history computes them. */
function figuresOf(course: readonly Reading[]): Map<number, MinuteFigures> {
  return new Map(
    [...new Set(course.map(minuteOf))].map((minute) => {
      const before = course.filter(({ takenAt }) => takenAt < minute && takenAt >= minute - NEIGHBOUR_MS);
      const inside = course.filter((each) => minuteOf(each) === minute);
      return [minute, minuteFigures(inside, before.slice(-NEIGHBOURS))];
    }),
  );
}

function total(course: readonly Reading[]): Figures {
  const sum = (figure: keyof Figures) =>
    [...figuresOf(course).values()].reduce((all, figures) => all + (figures[figure] ?? 0), 0);
  return {
    chargedWh: sum("chargedWh"),
    dischargedWh: sum("dischargedWh"),
    chargedAh: sum("chargedAh"),
    dischargedAh: sum("dischargedAh"),
    observedMs: sum("observedMs"),
  };
}

function assertClose(actual: number, expected: number, about: string): void {
  const isNear = Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
  assert.ok(isNear, `${about}: ${actual}, expected ${expected}`);
}

function assertFigures(actual: MinuteFigures, expected: MinuteFigures): void {
  for (const key of Object.keys(NONE) as (keyof Figures)[]) assertClose(actual[key] ?? 0, expected[key] ?? 0, key);
}

describe("energy of the rows of a meter", () => {
  for (const [about, given, expected] of [
    ["constant charging", rows(10, [360, 360, 360]), { chargedWh: 2, observedMs: 20_000 }],
    ["constant discharging", rows(10, [-360, -360]), { dischargedWh: 1, observedMs: 10_000 }],
    ["a rising flow", rows(10, [0, 720]), { chargedWh: 1, observedMs: 10_000 }],
    ["a crossing of zero", rows(20, [-360, 360]), { chargedWh: 0.5, dischargedWh: 0.5, observedMs: 20_000 }],
    ["an uneven crossing", rows(30, [-120, 240]), { dischargedWh: 1 / 6, chargedWh: 2 / 3, observedMs: 30_000 }],
    ["a flow that ends", rows(10, [-720, 0]), { dischargedWh: 1, observedMs: 10_000 }],
    ["no flow", rows(10, [0, 0, 0]), { observedMs: 20_000 }],
    ["one measurement", rows(10, [360]), {}],
    ["nothing", [], {}],
    ["an offline row between", rows(10, [360, undefined, 360]), {}],
    ["an offline row at the end", rows(10, [360, 360, undefined]), { chargedWh: 1, observedMs: 10_000 }],
    [
      "volts and amps, no watts",
      [row(0, { volts: 12, amps: -30 }), row(10, { volts: 12, amps: -30 })],
      { dischargedWh: 1, dischargedAh: 1 / 12, observedMs: 10_000 },
    ],
    ["amps alone", [row(0, { amps: 36 }), row(10, { amps: 36 })], { chargedAh: 0.1 }],
    [
      "watts go before volts × amps",
      [row(0, { volts: 12, amps: 36, watts: 360 }), row(10, { volts: 12, amps: 36, watts: 360 })],
      { chargedWh: 1, chargedAh: 0.1, observedMs: 10_000 },
    ],
    ["a row without the flow", [row(0, { watts: 360 }), row(10, { temp: 20 }), row(20, { watts: 360 })], {}],
    ["another device", [row(0, { watts: 360 }), row(10, { watts: 360 }, "A4:C1:37:00:00:02")], {}],
  ] as const) {
    it(about, () => assertFigures(total(given), expected));
  }

  it("belongs to the minute in which the stretch ends", () => {
    const minutes = figuresOf([row(50, { watts: 0 }), row(70, { watts: 720 })]);
    assert.deepEqual(minutes.get(START), {});
    assertFigures(minutes.get(START + MINUTE_MS) ?? {}, { chargedWh: 2, observedMs: 20_000 });
  });
});

describe("distance of measurements that counts as observed", () => {
  for (const [about, distances, expected] of [
    ["nothing is known of the period", [], 30_000],
    ["5 polls a second", Array(5).fill(200), 30_000],
    ["10 s", Array(5).fill(10_000), 35_000],
    ["60 s", Array(5).fill(60_000), 210_000],
    ["300 s", Array(5).fill(300_000), 1_050_000],
    ["half an hour", Array(5).fill(1_800_000), 1_200_000],
    ["an outage and a restart among them", [10_000, 7_200_000, 2_000, 10_000, 10_000], 35_000],
    ["the last five only", [10_000, 10_000, ...Array(5).fill(60_000)], 210_000],
  ] as const) {
    it(about, () => assert.equal(longestObservedMs(distances), expected));
  }

  for (const [everyS, missing, isObserved] of [
    [10, 2, true],
    [10, 3, false],
    [60, 2, true],
    [60, 3, false],
    [300, 2, true],
    [300, 3, false],
    [1_800, 0, false],
  ] as const) {
    it(`${missing} rows missing at ${everyS} s: ${isObserved ? "" : "not "}observed`, () => {
      const before = rows(everyS, Array(7).fill(100));
      const after = row((7 + missing) * everyS, { watts: 100 });
      const added = total([...before, after]).observedMs - total(before).observedMs;
      assert.equal(added, isObserved ? (missing + 1) * everyS * 1000 : 0);
    });
  }
});

const samples = fc.oneof(
  { weight: 8, arbitrary: fc.record({ watts: fc.integer({ min: -3_000, max: 3_000 }), online: fc.constant(1) }) },
  { weight: 1, arbitrary: fc.constant({ online: 0 }) },
);
/** Rows at distances of a few periods, with an outage now and then. */
const courses = fc
  .array(
    fc.tuple(
      fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 1, max: 40_000 }) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 900_000 }) },
      ),
      samples,
    ),
    { maxLength: 60 },
  )
  .map((steps) => {
    let takenAt = START;
    return steps.map(([distance, sample], i) => {
      takenAt += distance;
      return readingOf(i + 1, { takenAt, sample });
    });
  });

describe("properties of the energy", () => {
  it("the minutes add up to the integral over everything observed", () => {
    fc.assert(
      fc.property(courses, (course) => {
        const { chargedWh, dischargedWh, observedMs } = total(course);
        const stretches = course.flatMap((end, i) => {
          const begin = course[i - 1];
          if (!begin || !isObservedStretch(course, i)) return [];
          return [{ ms: end.takenAt - begin.takenAt, mean: ((begin.sample.watts ?? 0) + (end.sample.watts ?? 0)) / 2 }];
        });
        const net = stretches.reduce((sum, { ms, mean }) => sum + (ms * mean) / 3_600_000, 0);
        const ms = stretches.reduce((sum, stretch) => sum + stretch.ms, 0);
        assertClose(chargedWh - dischargedWh, net, "net energy");
        assertClose(observedMs, ms, "observed");
      }),
    );
  });

  it("a late row changes its own minute and those of the next rows that know it, and no other", () => {
    fc.assert(
      fc.property(courses, fc.nat(), (course, pick) => {
        const late = pick % Math.max(1, course.length);
        const [before, after] = [figuresOf(course), figuresOf(course.filter((_, i) => i !== late))];
        const mayChange = new Set(course.slice(late, late + 1 + NEIGHBOURS).map(minuteOf));
        for (const [minute, figures] of before) {
          if (!mayChange.has(minute)) assert.deepEqual(figures, after.get(minute));
        }
      }),
    );
  });
});

/** The rule once more: both ends measured, and close enough for the median of the five distances before. */
function isObservedStretch(course: readonly Reading[], end: number): boolean {
  const times = course.map(({ takenAt }) => takenAt);
  const distances = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  const window = distances.slice(Math.max(0, end - 6), end - 1).sort((a, b) => a - b);
  const median = window[Math.ceil(window.length / 2) - 1] ?? 0;
  const limit = Math.min(1_200_000, Math.max(30_000, 3.5 * median));
  return (
    course[end]?.sample.online === 1 &&
    course[end - 1]?.sample.online === 1 &&
    (distances[end - 1] ?? Infinity) <= limit
  );
}
