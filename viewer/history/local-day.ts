import type { Day } from "./summaries.ts";

export type Span = Pick<Day, "from" | "to">;

const HOUR_MS = 3_600_000;

/** The local day in which `at` lies. */
export function dayOf(at: number): Day {
  const time = new Date(at);
  return dayFrom(time.getFullYear(), time.getMonth(), time.getDate());
}

/** The day after, or `count` days after; before where negative. */
export function dayAfter({ from }: Day, count = 1): Day {
  const time = new Date(from);
  return dayFrom(time.getFullYear(), time.getMonth(), time.getDate() + count);
}

/** Number under which a day is stored, such as 20261127: rises with time. */
export const daySlot = ({ day }: Day): number => Number(day.replaceAll("-", ""));

/** Hours of UTC, of which the first and the last may be parts, where a time zone differs by half an hour. */
export function hoursOf(day: Day): readonly Span[] {
  const spans: Span[] = [];
  for (let { from } = day; from < day.to; ) {
    const to = Math.min(day.to, (Math.floor(from / HOUR_MS) + 1) * HOUR_MS);
    spans.push({ from, to });
    from = to;
  }
  return spans;
}

/** The beginning of the hour in a day in which `at` lies. */
export function beginOfHour(at: number, day: Day): number {
  return Math.max(day.from, Math.floor(at / HOUR_MS) * HOUR_MS);
}

/** The day of a slot. */
export function dayOfSlot(slot: number): Day {
  return dayFrom(Math.floor(slot / 10_000), (Math.floor(slot / 100) % 100) - 1, slot % 100);
}

function dayFrom(year: number, month: number, date: number): Day {
  const begin = new Date(year, month, date);
  const twoDigits = (value: number) => String(value).padStart(2, "0");
  return {
    day: [begin.getFullYear(), twoDigits(begin.getMonth() + 1), twoDigits(begin.getDate())].join("-"),
    from: begin.getTime(),
    to: new Date(year, month, date + 1).getTime(),
  };
}
