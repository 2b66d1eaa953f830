const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The rule of `parseDuration`, for error messages. */
export const DURATION_RULE = 'a time such as "30s", "5m", "12h" or "2d", at most "365d"';

/** Milliseconds of `30s`, `5m`, `1h30m`, `2d` or `0`; undefined for other texts and for more than a year. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(\d{1,9}[smhd])+$/.test(text)) return undefined;
  const ms = [...text.matchAll(/(\d+)([smhd])/g)].reduce(
    (sum, [, count, unit = ""]) => sum + Number(count) * (UNIT_MS[unit] ?? 0),
    0,
  );
  return ms <= 365 * 86_400_000 ? ms : undefined;
}

/** `5m` for 300,000 ms: the longest unit that divides it. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0";
  const [unit, length] = Object.entries(UNIT_MS)
    .reverse()
    .find(([, each]) => ms % each === 0) ?? ["s", 1_000];
  return `${ms / length}${unit}`;
}
