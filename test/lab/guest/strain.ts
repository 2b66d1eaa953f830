const TICK_MS = 100;
/** A timer this late means that the machine as a whole stood still. */
const STILL_MS = 700;

/** Watches how late timers fire: the measure of how much processor the machine is getting. */
export interface Strain {
  /** The latest that a timer was, in ms, since the time given (performance.now). */
  worstSince(since: number): number;
  /** Whether the machine stood still for so long that times and losses since then prove nothing. */
  wasStillSince(since: number): boolean;
  stop(): void;
}

export function watchStrain(): Strain {
  const late: { at: number; ms: number }[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const ms = now - last - TICK_MS;
    if (ms > TICK_MS) late.push({ at: now, ms });
    last = now;
  }, TICK_MS);
  timer.unref();
  const worstSince = (since: number) => Math.max(0, ...late.filter(({ at }) => at >= since).map(({ ms }) => ms));
  return {
    worstSince,
    wasStillSince: (since) => worstSince(since) > STILL_MS,
    stop: () => clearInterval(timer),
  };
}
