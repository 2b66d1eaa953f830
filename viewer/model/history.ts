import type { Quantity } from "../../common/model/quantities.ts";
import type { Reading } from "../../common/model/reading.ts";
import type { DayView, HistoryView, LifetimeView, SeriesView } from "./views.ts";

/** The readings of all meters so far, for charts, energy and lifetime figures. */
export interface History {
  /** Takes readings in any order, also late ones and repeats. Returns at once; the disk is written once a minute. */
  add(readings: readonly Reading[]): void;
  view(): HistoryView;
  /** Names of all meters that have readings. */
  meters(): readonly string[];
  /** At most about `points` points, averaged where there are more readings. Times: ms since the Unix epoch, `to` exclusive. */
  series(request: SeriesRequest): SeriesView;
  /** The last `days` days, oldest first, days without readings included. Undefined for an unknown meter. */
  energy(meter: string, days: number): readonly DayView[] | undefined;
  lifetime(meter: string): LifetimeView | undefined;
  /** Single readings, oldest first, as far back as they are kept. */
  readings(meter: string, from: number, to: number): Iterable<Reading>;
  /** Writes what is not yet on the disk. */
  close(): void;
}

export interface SeriesRequest {
  readonly meter: string;
  readonly quantities: readonly Quantity[];
  readonly from: number;
  readonly to: number;
  readonly points: number;
}
