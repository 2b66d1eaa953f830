import type { Pack } from "./basic-information.ts";

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Software version as the vendor prints it: `8.0`, `2.3`. */
export function softwareVersion({ head: { major, minor } }: Pack): string {
  return `${major}.${minor}`;
}

/** `YYYY-MM-DD`; undefined where the board holds no day of the calendar. */
export function productionDate({ head: { year, month, day } }: Pack): string | undefined {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && isLeapYear ? 29 : (DAYS[month - 1] ?? 0);
  if (day < 1 || day > days) return undefined;
  return [year, month, day].map((part) => String(part).padStart(2, "0")).join("-");
}
