import type { EnergyView, HouseView, LifetimeView, SeriesView } from "../model/views.ts";
import { chartModel } from "./chart-model.ts";
import { chartsOf, RANGES } from "./charts.ts";
import type { Past, PastView, Selection } from "./past-section.ts";

/** The history that is looked at: which meter and time, and the answers of the viewer. */
export interface PastController {
  select(selection: Selection): void;
  /** Requests what is missing or old. Undefined while there is no meter. */
  view(house: HouseView, now: number): PastView | undefined;
}

/** With a shorter history the chart of the day is mostly empty, ms. */
const HALF_A_DAY_MS = 12 * 3_600_000;
const DAYS = 14;
const RETRY_MS = 5000;

/** Keeps the selection in the address, so that a reload or a bookmark shows the same. */
export function createPast(changed: () => void): PastController {
  let selection: Selection | undefined;
  let past: Past | undefined;
  let hasFailed = false;
  let dueAt = 0;
  let request: AbortController | undefined;

  function chosen({ meters, history: { since }, at }: HouseView): Selection | undefined {
    const [wantedMeter, wantedRange] = location.hash.slice(1).split("/").map(decodeURIComponent);
    const find = (name: string | undefined) => meters.find(({ meter }) => meter === name)?.meter;
    const meter = find(selection?.meter) ?? find(wantedMeter) ?? meters[0]?.meter;
    const usual = at - (since ?? at) > HALF_A_DAY_MS ? "day" : "hour";
    const named = (wanted: string | undefined) => RANGES.find(({ name }) => name === wanted);
    const range = selection?.range ?? named(wantedRange) ?? named(usual);
    return meter === undefined || !range ? undefined : { meter, range };
  }

  async function load({ meter, range }: Selection, house: HouseView, now: number) {
    request?.abort();
    const current = new AbortController();
    request = current;
    dueAt = performance.now() + range.refreshMs;
    const sample = house.meters.find((each) => each.meter === meter)?.sample ?? {};
    const charts = chartsOf(sample);
    const quantities = charts.flatMap((chart) => chart.quantities).join(",");
    const to = Math.ceil(now);
    const span = { from: String(to - range.spanMs), to: String(to), points: String(range.points) };
    try {
      const { signal } = current;
      const [series, energy, lifetime] = await Promise.all([
        quantities === "" ? undefined : getJson<SeriesView>("history", { meter, quantities, ...span }, signal),
        getJson<EnergyView>("energy", { meter, days: String(DAYS) }, signal),
        getJson<LifetimeView>("lifetime", { meter }, signal),
      ]);
      if (current.signal.aborted) return;
      past = {
        charts: series ? charts.map((chart) => chartModel(chart, series)) : [],
        days: withoutEmptyStart(energy?.days ?? []),
        lifetime,
      };
      hasFailed = false;
    } catch {
      if (current.signal.aborted) return;
      hasFailed = true;
      dueAt = performance.now() + RETRY_MS;
    }
    changed();
  }

  return {
    select(wanted) {
      if (wanted.meter !== selection?.meter) past = undefined;
      selection = wanted;
      dueAt = 0;
      history.replaceState(null, "", `#${encodeURIComponent(wanted.meter)}/${wanted.range.name}`);
      changed();
    },
    view(house, now) {
      selection = chosen(house);
      if (!selection) return undefined;
      if (performance.now() >= dueAt && !document.hidden) void load(selection, house, now);
      const meters = house.meters.map(({ meter }) => meter);
      return { meters, selection, past, hasFailed, history: house.history, now };
    },
  };
}

/** Undefined for a meter that the history does not know yet. @throws {Error} for any other fault */
async function getJson<T>(path: string, query: Record<string, string>, signal: AbortSignal): Promise<T | undefined> {
  const answer = await fetch(`api/v1/${path}?${new URLSearchParams(query)}`, { signal });
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`${path}: status ${answer.status}`);
  return (await answer.json()) as T;
}

/** The days from the first one with an observation on. */
function withoutEmptyStart(days: EnergyView["days"]): EnergyView["days"] {
  const first = days.findIndex(({ observed }) => observed > 0);
  return first < 0 ? [] : days.slice(first);
}
