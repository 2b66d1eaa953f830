import type { Reading } from "../../common/model/reading.ts";
import type { FeedView, MeterView } from "./views.ts";

/** The present state of all meters, from the readings of the live feed. */
export interface House {
  receive(reading: Reading): void;
  /** The state of the connection to the feed has changed. */
  feedIs(state: "connected" | "away"): void;
  feed(): FeedView;
  /** As of now, by name. */
  meters(): readonly MeterView[];
  /** Time between two readings of a meter, as observed, ms; undefined while it is not known. */
  periodOf(meter: string): number | undefined;
}
