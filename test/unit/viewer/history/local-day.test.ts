import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { dayView } from "../../../../viewer/history/energy.ts";
import { beginOfHour, dayAfter, dayOf, dayOfSlot, daySlot, hoursOf } from "../../../../viewer/history/local-day.ts";

const HOUR_MS = 3_600_000;
const zone = process.env.TZ;

/** Node takes a changed TZ at once. */
function inZone<T>(name: string, run: () => T): T {
  process.env.TZ = name;
  return run();
}

describe("days of the viewer's time zone", () => {
  after(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  for (const [tz, day, start, hours] of [
    ["UTC", "2026-11-27", "2026-11-27T00:00:00Z", 24],
    ["Europe/Berlin", "2026-11-27", "2026-11-26T23:00:00Z", 24],
    ["Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", 23],
    ["Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", 25],
    ["America/Los_Angeles", "2026-11-01", "2026-11-01T07:00:00Z", 25],
    ["Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00Z", 24.5],
    ["Asia/Kathmandu", "2026-12-31", "2026-12-30T18:15:00Z", 24],
    ["Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z", 23],
    ["Pacific/Auckland", "2028-02-29", "2028-02-28T11:00:00Z", 24],
  ] as const) {
    it(`${tz}: ${day} has ${hours} hours`, () => {
      inZone(tz, () => {
        const found = dayOf(Date.parse(start));
        assert.equal(new Date(found.from).toISOString(), new Date(start).toISOString());
        assert.deepEqual([found.day, (found.to - found.from) / HOUR_MS], [day, hours]);
        assert.deepEqual(dayOf(found.to - 1), found);
        assert.deepEqual(dayOf(found.to), dayAfter(found));
        assert.deepEqual(dayOf(found.from - 1), dayAfter(found, -1));
        assert.deepEqual(dayOfSlot(daySlot(found)), found);
        const spans = hoursOf(found);
        assert.deepEqual([spans[0]?.from, spans.at(-1)?.to], [found.from, found.to]);
        for (const [i, { from, to }] of spans.entries()) {
          assert.ok(to - from <= HOUR_MS);
          assert.equal(spans[i + 1]?.from ?? found.to, to);
          assert.deepEqual([beginOfHour(from, found), beginOfHour(to - 1, found)], [from, from]);
        }
      });
    });
  }

  it("a year of days: each once, without a gap", () => {
    for (const tz of ["Europe/Berlin", "America/St_Johns", "Africa/Cairo", "UTC"]) {
      inZone(tz, () => {
        const last = dayOf(Date.UTC(2026, 11, 31, 12));
        const days = Array.from({ length: 400 }, (_, i) => dayAfter(last, i - 399));
        assert.equal(new Set(days.map(daySlot)).size, 400);
        assert.equal(days.at(-1)?.day, "2026-12-31");
        for (const [i, { from }] of days.slice(1).entries()) assert.equal(days[i]?.to, from);
      });
    }
  });

  it("the observed part is that of the day so far, whatever its length", () => {
    inZone("Europe/Berlin", () => {
      const day = dayOf(Date.UTC(2026, 2, 29, 12));
      const summary = { firstAt: day.from, lastAt: day.to, chargedAh: 0, dischargedAh: 0, fullCycles: 0 };
      const given = { ...summary, day: day.day, chargedWh: 1_500, dischargedWh: 250, observedMs: 11.5 * HOUR_MS };
      const expected = { day: "2026-03-29", chargedKwh: 1.5, dischargedKwh: 0.25 };
      for (const [hours, observed] of [
        [40, 0.5],
        [23, 0.5],
        [11.5, 1],
        [11, 1],
      ] as const) {
        assert.deepEqual(dayView(day, given, day.from + hours * HOUR_MS), { ...expected, observed });
      }
      const nothing = { day: "2026-03-29", chargedKwh: 0, dischargedKwh: 0, observed: 0 };
      assert.deepEqual(dayView(day, undefined, day.from), nothing);
    });
  });
});
