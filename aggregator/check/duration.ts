const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds in a duration as Telegraf writes it (`"1m30s"`, or a number of seconds); undefined where it is none. */
export function parseDuration(found: unknown): number | undefined {
  if (typeof found === "number") return found * 1000;
  if (typeof found !== "string") return undefined;
  if (/^\d+(\.\d+)?$/.test(found)) return Number(found) * 1000;
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|[smhd]))+$/.test(found)) return undefined;
  return [...found.matchAll(/([\d.]+)(\D+)/g)].reduce(
    (ms, [, count, unit]) => ms + Number(count) * (UNIT_MS[unit as string] as number),
    0,
  );
}
