import type { AlertView, FeedView, HealthView, HistoryView, HouseView, MeterView } from "../model/views.ts";

/** Names of the server-sent events, as they come at `/events`. */
export const EVENT_NAMES = ["house", "meter", "health", "feed", "alerts", "history", "tick"] as const;

/** An event after its JSON is read. */
export type HouseEvent =
  | { readonly name: "house"; readonly data: HouseView }
  | { readonly name: "meter"; readonly data: MeterView }
  | { readonly name: "health"; readonly data: HealthView }
  | { readonly name: "feed"; readonly data: FeedView }
  | { readonly name: "alerts"; readonly data: readonly AlertView[] }
  | { readonly name: "history"; readonly data: HistoryView }
  | { readonly name: "tick"; readonly data: { readonly at: number } };

/** The house after an event. What comes before the first `house` is incomplete and left out. */
export function applyEvent(house: HouseView | undefined, event: HouseEvent): HouseView | undefined {
  if (event.name === "house") return event.data;
  if (!house) return undefined;
  switch (event.name) {
    case "meter":
      return { ...house, meters: withMeter(house.meters, event.data) };
    case "health":
      return { ...house, health: event.data };
    case "feed":
      return { ...house, feed: event.data };
    case "alerts":
      return { ...house, alerts: event.data };
    case "history":
      return { ...house, history: event.data };
    case "tick":
      return house;
  }
}

/** The viewer's time in an event, if it carries one. */
export function timeOf(event: HouseEvent): number | undefined {
  return event.name === "house" || event.name === "tick" ? event.data.at : undefined;
}

function withMeter(meters: readonly MeterView[], changed: MeterView): readonly MeterView[] {
  const others = meters.filter(({ meter }) => meter !== changed.meter);
  return [...others, changed].sort((a, b) => (a.meter < b.meter ? -1 : 1));
}
