import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CELL_NAMES } from "../../../common/model/quantities.ts";
import type { Reading } from "../../../common/model/reading.ts";
import type { Clock } from "../../../common/runtime/clock.ts";
import { seededRandom } from "../../../simulator/random.ts";
import type { StoredHistory } from "../../../viewer/history/history.ts";
import { runWeek, type WeekMeter } from "./chain.ts";
import { DAILY, jbdMeter, OUTAGES, thornwaveMeter } from "./house.ts";
import { accountIn, chargeCourse, observedSpans, type Span } from "./truth.ts";

const MINUTE_MS = 60_000;
const CAPACITY_AH = 280;

export interface WeekOptions {
  /** Time between two polls, by meter; meters without one are not there. */
  readonly periodsMs: Readonly<Partial<Record<"house" | "van" | "solar" | "shunt", number>>>;
  /** A history with what the last one has left. */
  open(clock: Clock): Promise<StoredHistory>;
  /** The viewer ends. */
  close(history: StoredHistory): void;
}

/**
 * Tests of a week in which summer time ends, in a house with outages of every part, late readings and repeats: energy and
 * lifetime figures against the batteries' own account.
 */
export function describeWeek({ periodsMs, open, close }: WeekOptions): void {
  process.env.TZ = "Europe/Berlin";
  const midnight = (day: number) => new Date(2026, 9, 20 + day).getTime();
  const startMs = midnight(0);
  const days = Array.from(
    { length: 7 },
    (_, i): Span => ({ from: midnight(i) - startMs, to: midnight(i + 1) - startMs }),
  );
  const lengthMs = days.at(-1)?.to ?? 0;

  let elapsedMs = 0;
  const clock: Clock = {
    now: () => startMs + elapsedMs,
    monotonic: () => elapsedMs,
    uptime: () => elapsedMs,
    timer: () => () => {},
    sleep: () => Promise.reject(new Error("nothing waits")),
  };
  const meters: WeekMeter[] = [];
  const { house, van, solar, shunt } = periodsMs;
  if (house) meters.push(jbdMeter({ name: "house", periodMs: house, cells: 4, rhythm: DAILY }, clock));
  if (van) meters.push(jbdMeter({ name: "van", periodMs: van, cells: 16 }, clock));
  if (solar) meters.push(thornwaveMeter({ name: "solar", periodMs: solar, format: "v1" }, clock));
  if (shunt) meters.push(thornwaveMeter({ name: "shunt", periodMs: shunt, format: "v2" }, clock));

  const received = new Map(meters.map(({ name }) => [name, new Map<number, Reading>()]));
  let history: StoredHistory;
  before(async () => {
    const plan = { startMs, lengthMs, meters, outages: OUTAGES, random: seededRandom("week") };
    const viewer = {
      add(readings: readonly Reading[]) {
        history.add(readings);
        for (const each of readings) received.get(each.meter)?.set(each.takenAt, each);
      },
      minute: () => history.flush(),
      async start() {
        history = await open(clock);
      },
      stop: () => close(history),
    };
    await runWeek(plan, viewer, (ms) => {
      elapsedMs = ms;
    });
    // The figures of a viewer that knows nothing but what is stored.
    viewer.stop();
    await viewer.start();
  });
  after(() => history.close());

  for (const { name, battery, periodMs } of meters) {
    const readings = () => [...(received.get(name)?.values() ?? [])].sort((a, b) => a.takenAt - b.takenAt);
    const spans = () => observedSpans(readings(), periodMs, startMs);

    describe(`${name}, polled every ${periodMs / 1000} s`, () => {
      it("energy per day is the battery's own over the time that was observed", (t) => {
        const views = history.energy(name, 7) ?? [];
        const observedTime = spans();
        const deviations = days.flatMap((day, i) => {
          const account = accountIn(day, observedTime, battery);
          const { day: date, chargedKwh, dischargedKwh, observed } = views[i] ?? {};
          const share = account.ms / (day.to - day.from);
          assert.ok(Math.abs((observed ?? -1) - share) < 0.002, `${date}: ${observed} observed, should be ${share}`);
          return [
            deviation(chargedKwh, account.chargedWh / 1000, `${date}, kWh in`),
            deviation(dischargedKwh, account.dischargedWh / 1000, `${date}, kWh out`),
          ];
        });
        const least = Math.min(...views.map(({ observed }) => observed));
        t.diagnostic(
          `${name}: energy per day within ${percent(Math.max(...deviations))}, ${percent(least)} to 100 % observed`,
        );
      });

      it("lifetime figures are the battery's own", (t) => {
        const view = history.lifetime(name);
        const observedTime = spans();
        const all = accountIn({ from: 0, to: lengthMs }, observedTime, battery);
        const deviations = [
          deviation(view?.chargedKwh, all.chargedWh / 1000, "kWh in", days.length),
          deviation(view?.dischargedKwh, all.dischargedWh / 1000, "kWh out", days.length),
          deviation(view?.dischargedAh, all.dischargedAh, "Ah out"),
        ];
        assert.equal(view?.since, Math.floor((readings()[0]?.takenAt ?? 0) / MINUTE_MS) * MINUTE_MS);
        assert.deepEqual(
          [view?.lowestVolts, view?.highestVolts, view?.lowestCell?.millivolts, view?.highestCell?.millivolts],
          extremes(readings()),
        );
        if (name === "house") {
          const course = chargeCourse(CAPACITY_AH, observedTime, battery);
          deviations.push(deviation(view?.deepestDischargeAh, course.deepestDischargeAh, "deepest discharge"));
          deviations.push(
            deviation(view?.averageDischargeAh, all.dischargedAh / course.fullCycles, "average discharge"),
          );
          assert.equal(view?.fullCycles, course.fullCycles);
          const off = (view?.lastFullAt ?? 0) - startMs - course.lastFullMs;
          assert.ok(Math.abs(off) <= 5 * MINUTE_MS, `last full ${off / MINUTE_MS} min off`);
        } else {
          assert.deepEqual([view?.deepestDischargeAh, view?.fullCycles], [undefined, 0]);
        }
        t.diagnostic(`${name}: lifetime figures within ${percent(Math.max(...deviations))}`);
      });
    });
  }
}

/** As a part. Fails above 1 %, or 1 Wh a day where next to nothing flows. */
function deviation(actual: number | undefined, own: number, about: string, days = 1): number {
  const off = Math.abs((actual ?? Number.NaN) - own);
  assert.ok(off <= 0.01 * own + 0.001 * days, `${about}: ${actual}, by the battery's own account ${own}`);
  return own > 0.1 ? off / own : 0;
}

const percent = (part: number) => `${(100 * part).toFixed(2)} %`;

/** Lowest and highest volts, lowest and highest cell. */
function extremes(readings: readonly Reading[]): (number | undefined)[] {
  const of = (names: readonly (keyof Reading["sample"])[]) => {
    const values = readings.flatMap(({ sample }) => names.flatMap((name) => sample[name] ?? []));
    const [first] = values;
    if (first === undefined) return [undefined, undefined];
    return [values.reduce((a, b) => Math.min(a, b), first), values.reduce((a, b) => Math.max(a, b), first)];
  };
  return [...of(["volts"]).map((volts) => volts && Number(volts.toFixed(3))), ...of(CELL_NAMES)];
}
