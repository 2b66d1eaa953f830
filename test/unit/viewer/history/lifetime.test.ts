import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Sample } from "../../../../common/model/reading.ts";
import { joinParts, lifetimeOf, partOf, summariseMinutes } from "../../../../viewer/history/lifetime.ts";
import type { MinuteSummary } from "../../../../viewer/history/summaries.ts";
import { fc } from "../../../support/property.ts";

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 10, 27, 12);

/** Minutes with these values, each the same from begin to end unless `[low, high]` is given. */
const minutes = (...values: readonly (Sample | readonly [Sample, Sample])[]): MinuteSummary[] =>
  values.map((value, i) => {
    const [low, high] = "length" in value ? value : [value, value];
    return { at: START + i * MINUTE_MS, count: 6, mean: low, low, high, figures: {} };
  });

/** Of two days, divided in the middle; days are stored as JSON. */
function viewOf(given: readonly MinuteSummary[]) {
  const half = Math.ceil(given.length / 2);
  const days = [given.slice(0, half), given.slice(half)].filter((minutes) => minutes.length > 0);
  const stored = days.map((minutes) => JSON.parse(JSON.stringify(summariseMinutes(minutes))));
  const view = lifetimeOf("house", stored);
  assert.ok(view);
  return view;
}

const charges = (...values: readonly number[]) => minutes(...values.map((percent) => ({ percent })));

describe("full cycles", () => {
  for (const [about, given, expected] of [
    ["below 65 %, then above 90 %", charges(100, 64, 91), 1],
    ["exactly 65 % is not below", charges(100, 65, 91), 0],
    ["exactly 90 % is not above", charges(100, 64, 90), 0],
    ["each rise counts once", charges(60, 95, 89, 95), 1],
    ["every second fall and rise", charges(60, 95, 60, 95), 2],
    ["a fall alone", charges(100, 10), 0],
    ["begun in the middle", charges(70, 95), 0],
    ["corrected upwards within a minute", minutes({ percent: 60 }, [{ percent: 60 }, { percent: 100 }]), 1],
    [
      "corrected within a minute, then charged",
      minutes({ percent: 99 }, [{ percent: 0 }, { percent: 99 }], { percent: 95 }),
      1,
    ],
    ["minutes without a percentage", minutes({ percent: 60 }, { volts: 13 }, { percent: 95 }), 1],
    ["no percentage at all", minutes({ volts: 13 }), 0],
  ] as const) {
    it(about, () => assert.equal(viewOf(given).fullCycles, expected));
  }

  it("the average discharge is the charge drawn by the cycles", () => {
    const [first, ...others] = charges(100, 60, 95, 60, 95);
    assert.ok(first);
    const drawn = { ...first, figures: { dischargedAh: 90 } };
    assert.equal(viewOf([drawn, ...others]).averageDischargeAh, 45);
    assert.equal(viewOf([drawn]).averageDischargeAh, undefined);
  });
});

describe("full, and the discharge from it", () => {
  it("lasts to the last minute at 99.5 % or more", () => {
    assert.equal(viewOf(charges(50, 99.5, 100, 99.4)).lastFullAt, START + 2 * MINUTE_MS);
    assert.equal(viewOf(charges(50, 99.4)).lastFullAt, undefined);
  });

  it("follows from the charge left where there is no percentage", () => {
    const full = minutes({ remain: 99, full: 100 }, { remain: 100, full: 100 }, { remain: 60, full: 100 });
    const { lastFullAt, deepestDischargeAh } = viewOf(full);
    assert.deepEqual([lastFullAt, deepestDischargeAh], [START + MINUTE_MS, 40]);
    assert.equal(viewOf(minutes({ remain: 0, full: 0 })).lastFullAt, undefined);
    assert.equal(viewOf(minutes({ remain: 100 })).lastFullAt, undefined);
  });

  for (const [about, given, expected] of [
    [
      "nothing before the first time at full",
      minutes({ percent: 50, remain: 50 }, { percent: 20, remain: 20 }),
      undefined,
    ],
    [
      "from full to the lowest",
      minutes({ percent: 100, remain: 98 }, { percent: 40, remain: 38 }, { percent: 60, remain: 58 }),
      60,
    ],
    [
      "the deepest of two",
      minutes(
        { percent: 100, remain: 100 },
        { percent: 30, remain: 30 },
        { percent: 100, remain: 99 },
        { percent: 50, remain: 50 },
      ),
      70,
    ],
    [
      "full and below within a minute",
      minutes([
        { percent: 95, remain: 95 },
        { percent: 100, remain: 100 },
      ]),
      5,
    ],
    ["no charge left is reported", minutes({ percent: 100 }, { percent: 30 }), undefined],
  ] as const) {
    it(about, () => assert.equal(viewOf(given).deepestDischargeAh, expected));
  }

  it("is known as the lowest percentage too", () => assert.equal(viewOf(charges(50, 20, 100)).lowestPercent, 20));
});

describe("parts of a lifetime", () => {
  const level = fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined, freq: 6 });
  const courses = fc.array(fc.tuple(level, level), { minLength: 3, maxLength: 40 }).map((levels) =>
    minutes(
      ...levels.map(([a, b]): readonly [Sample, Sample] => {
        const [low, high] = [Math.min(a ?? 50, b ?? 50), Math.max(a ?? 50, b ?? 50)];
        if (a === undefined) return [{ volts: low }, { volts: high }];
        const charge = (percent: number) => ({
          percent,
          cell1: percent,
          cell2: 100 - percent,
          ...(b !== undefined && { remain: percent }),
        });
        return [charge(low), charge(high)];
      }),
    ),
  );

  it("are the same wherever they are divided", () => {
    fc.assert(
      fc.property(courses, fc.nat(), (course, pick) => {
        const parts = course.map(partOf);
        const cut = 1 + (pick % (parts.length - 1));
        const whole = parts.reduce(joinParts);
        assert.deepEqual(joinParts(parts.slice(0, cut).reduce(joinParts), parts.slice(cut).reduce(joinParts)), whole);
      }),
    );
  });
});

describe("extremes and sums", () => {
  it("are those over all minutes, with the cell's number and the first minute", () => {
    const { lowestVolts, highestVolts, lowestCell, highestCell } = viewOf(
      minutes(
        [
          { volts: 12.8, cell1: 3_200, cell2: 3_190 },
          { volts: 13.1, cell1: 3_300, cell2: 3_310 },
        ],
        { volts: 13, cell1: 3_190, cell2: 3_400 },
      ),
    );
    assert.deepEqual([lowestVolts, highestVolts], [12.8, 13.1]);
    assert.deepEqual(lowestCell, { number: 2, millivolts: 3_190, at: START });
    assert.deepEqual(highestCell, { number: 2, millivolts: 3_400, at: START + MINUTE_MS });
  });

  it("count from the first minute, in kWh and Ah", () => {
    const figures = { chargedWh: 500, dischargedWh: 250, chargedAh: 40, dischargedAh: 20, observedMs: MINUTE_MS };
    const view = viewOf(minutes({ volts: 12 }, { volts: 13 }).map((minute) => ({ ...minute, figures })));
    assert.deepEqual(view, {
      meter: "house",
      since: START,
      ...{ chargedKwh: 1, dischargedKwh: 0.5, dischargedAh: 40, fullCycles: 0, lowestVolts: 12, highestVolts: 13 },
    });
  });
});
