const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** `YYYY-MM-DD`; undefined of an impossible date. */
export function isoDate(year: number, month: number, day: number): string | undefined {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && isLeapYear ? 29 : (DAYS[month - 1] ?? 0);
  if (!(day >= 1 && day <= days)) return undefined;
  return [year, month, day].map((part) => String(part).padStart(2, "0")).join("-");
}
