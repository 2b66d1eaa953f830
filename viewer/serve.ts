import { once } from "node:events";
import { counted } from "../common/model/count-text.ts";
import { underFullName } from "../common/model/site.ts";
import type { Clock } from "../common/runtime/clock.ts";
import type { Log } from "../common/runtime/log.ts";
import type { Notify } from "../common/systemd/notify.ts";
import type { SubscribeFeed } from "../common/wire/feed-subscriber.ts";
import { type AlertOptions, createAlerts } from "./alerts/alerts.ts";
import { httpPost } from "./alerts/http-post.ts";
import { openHealth } from "./health/health.ts";
import { type HistoryOptions, keepFlushing, openHistory } from "./history/open-history.ts";
import { createHouse } from "./house/house.ts";
import { recall } from "./house/recall.ts";
import { API_VERSION, type HouseView } from "./model/views.ts";
import { startWeb, type WebOptions } from "./web/server.ts";

/** Interval of the reports to the service manager, ms. */
const REPORT_MS = 2_000;

export interface ServeOptions {
  readonly web: WebOptions;
  readonly feed: string;
  /** Directories of status files. */
  readonly status: readonly string[];
  readonly history: HistoryOptions;
  readonly alerts: AlertOptions;
}

export interface ServeDeps {
  readonly subscribe: SubscribeFeed;
  readonly notify: Notify;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly stop: AbortSignal;
}

/** Shows the readings of the live feed until `stop` aborts. */
export async function serve(options: ServeOptions, deps: ServeDeps): Promise<void> {
  const { feed, status } = options;
  const { subscribe, notify, clock, random, log, stop } = deps;
  const house = createHouse(clock);
  const health = openHealth(status, { clock, periodOf: house.periodOf });
  const history = await openHistory(options.history, { clock, log });
  recall(house, history, clock.now());
  const alerts = createAlerts(options.alerts, { post: httpPost, clock, random, log });
  const view = (): HouseView => ({
    version: API_VERSION,
    at: clock.now(),
    feed: house.feed(),
    meters: house.meters().map((meter) => {
      const limits = meter.cells && alerts.cellLimits(meter.meter);
      return limits ? { ...meter, cellLimits: limits } : meter;
    }),
    health: health.view(),
    alerts: alerts.view(),
    history: history.view(),
  });
  const subscription = subscribe(
    feed,
    {
      reading(received) {
        const reading = underFullName(received);
        house.receive(reading);
        history.add([reading]);
        alerts.receive(reading);
      },
      state: house.feedIs,
      rejected: (error) =>
        log.warn(`a message of the feed is ignored: ${error.message}; more of this kind are only counted`),
      refused: (fault) => log.warn(`${feed} is not connected to: ${fault}`),
    },
    clock,
  );
  const web = await startWeb(options.web, { house: view, history, clock, log });
  log.info(`showing ${feed} at ${web.urls.join(" and ")}`);
  const flushing = keepFlushing(history, clock, stop);
  notify.ready();
  while (!stop.aborted) {
    notify.progress(10 * REPORT_MS);
    alerts.tick(view());
    notify.status(counted(house.meters().length, "meter"));
    await clock.sleep(REPORT_MS, stop).catch(() => {});
  }
  if (!stop.aborted) await once(stop, "abort");
  await web.close();
  subscription.close();
  health.close();
  alerts.close();
  await flushing;
  history.close();
}
