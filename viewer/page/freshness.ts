import type { MeterView } from "../model/views.ts";

/** A meter as the page may show it at this moment. */
export interface ShownMeter {
  readonly view: MeterView;
  /** Values may be shown as those of the present for `live` only. */
  readonly state: MeterView["state"] | "frozen";
  readonly since: number;
}

/** Allowed for the way from the battery to the page, ms. */
const TRANSIT_MS = 1500;

/**
 * The state of a meter by the browser's own clock: live values become stale two periods after their measurement, even if
 * nothing arrives that reports it. `now` is in the viewer's time. While the page has lost the viewer nothing is live.
 */
export function judgeMeter(view: MeterView, now: number, isConnected: boolean): ShownMeter {
  const { state, since, periodMs, measuredAt, frozenSince } = view;
  if (state !== "live") return { view, state, since };
  const isOld = measuredAt !== undefined && periodMs !== undefined && now - measuredAt > 2 * periodMs + TRANSIT_MS;
  if (!isConnected || isOld) return { view, state: "stale", since: measuredAt ?? since };
  return frozenSince === undefined ? { view, state, since } : { view, state: "frozen", since: frozenSince };
}
