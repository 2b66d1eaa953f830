import type { EventViews, HouseView, MeterView } from "../model/views.ts";

/** Names of the server-sent events, as they come at `/events`. */
export const EVENT_NAMES: readonly (keyof EventViews)[] = [
  "house",
  "meter",
  "health",
  "feed",
  "alerts",
  "history",
  "tick",
];

/** An event after its JSON is read. */
export type HouseEvent = {
  [Name in keyof EventViews]: { readonly name: Name; readonly data: EventViews[Name] };
}[keyof EventViews];

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
