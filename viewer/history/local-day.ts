import type { Day } from "./summaries.ts";

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

function dayFrom(year: number, month: number, date: number): Day {
  const begin = new Date(year, month, date);
  const twoDigits = (value: number) => String(value).padStart(2, "0");
  return {
    day: [begin.getFullYear(), twoDigits(begin.getMonth() + 1), twoDigits(begin.getDate())].join("-"),
    from: begin.getTime(),
    to: new Date(year, month, date + 1).getTime(),
  };
}
