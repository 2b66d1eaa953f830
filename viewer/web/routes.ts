import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import type { History } from "../model/history.ts";
import type { EnergyView, HealthzView, HouseView, MetersView, MeterView } from "../model/views.ts";
import { type Answer, begin, json, RequestError } from "./answer.ts";
import { csvExport } from "./csv-export.ts";
import type { EventStreams } from "./events.ts";
import { formatMetrics, METRICS_TYPE, type ViewerFigures } from "./metrics.ts";
import { fileAnswer, type PageFile, type PageFiles } from "./page-files.ts";
import {
  checkSpan,
  METER,
  type ParameterTable,
  QUANTITY_LIST,
  readQuery,
  TIME,
  type ValuesOf,
  wholeNumber,
} from "./parameters.ts";

/** A path that is served. */
export interface Route {
  /** Also without the token: files of the page, which are the same in every house. */
  readonly isPublic?: true;
  /** Returns the answer, or sends one that is a stream itself. @throws {RequestError} */
  serve(request: RouteRequest): Answer | undefined;
}

export interface RouteRequest {
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly isHead: boolean;
  readonly response: ServerResponse;
}

export type Routes = ReadonlyMap<string, Route>;

export interface RouteDeps {
  house(): HouseView;
  readonly history: History;
  readonly events: EventStreams;
  readonly page: PageFiles;
  figures(): ViewerFigures;
  readonly clock: Clock;
  readonly log: Log;
}

const HOUR_MS = 3_600_000;
const DEFAULT_POINTS = 300;
const MAX_POINTS = 2_000;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 4_000;
const MAX_EXPORTS = 4;

/** Every path. Any other is 404. */
export function createRoutes({ house, history, events, page, figures, clock, log }: RouteDeps): Routes {
  let exports = 0;
  const meters = (): readonly MeterView[] => house().meters;
  const checkMeter = (meter: string) => {
    if (!history.meters().includes(meter) && !meters().some((each) => each.meter === meter)) throw unknownMeter(meter);
  };

  return new Map<string, Route>([
    ...[...page].map(([path, file]): [string, Route] => [path, fileRoute(path, file)]),
    ["/events", { serve: ({ isHead, response }) => (isHead ? json({}) : void events.serve(response)) }],
    ["/api/v1/house", answering({}, () => json(house()))],
    ["/api/v1/meters", answering({}, () => json(allMeters(meters(), history.meters())))],
    [
      "/api/v1/latest",
      answering({ meter: METER }, ({ meter }) => {
        const found = meters().find((each) => each.meter === meter);
        if (!found) throw unknownMeter(meter);
        return json(found);
      }),
    ],
    [
      "/api/v1/history",
      answering(
        { meter: METER, quantities: QUANTITY_LIST, from: TIME, to: TIME, points: wholeNumber("points", MAX_POINTS) },
        (query) => {
          const { meter, quantities = ["volts", "amps"], to = clock.now(), points = DEFAULT_POINTS } = query;
          const { from = to - HOUR_MS } = query;
          checkSpan({ from, to });
          checkMeter(meter);
          return json(history.series({ meter, quantities, from, to, points }));
        },
      ),
    ],
    [
      "/api/v1/energy",
      answering({ meter: METER, days: wholeNumber("days", MAX_DAYS) }, ({ meter, days = DEFAULT_DAYS }) => {
        const found = history.energy(meter, days);
        if (!found) throw unknownMeter(meter);
        const view: EnergyView = { meter, days: found };
        return json(view);
      }),
    ],
    [
      "/api/v1/lifetime",
      answering({ meter: METER }, ({ meter }) => {
        const found = history.lifetime(meter);
        if (!found) throw unknownMeter(meter);
        return json(found);
      }),
    ],
    [
      "/export.csv",
      {
        serve({ query, response, isHead }) {
          const { meter, from, to = clock.now() } = readQuery({ meter: METER, from: TIME, to: TIME }, query);
          checkMeter(meter);
          const oldest = history.view().since ?? to;
          if (from !== undefined) checkSpan({ from, to });
          if (exports >= MAX_EXPORTS) {
            throw new RequestError(503, `${MAX_EXPORTS} exports are running: try again later`, { "retry-after": "30" });
          }
          begin(response, 200, "text/csv; charset=utf-8", { "content-disposition": attachment(meter) });
          if (isHead) {
            response.end();
            return undefined;
          }
          exports += 1;
          const rows = csvExport({ meter, from: Math.max(from ?? oldest, oldest), to }, history);
          pipeline(Readable.from(rows), response)
            .catch((error: Error) => log.debug(`an export of ${meter} ended early: ${error.message}`))
            .finally(() => {
              exports -= 1;
            });
          return undefined;
        },
      },
    ],
    ["/metrics", answering({}, () => ({ status: 200, type: METRICS_TYPE, body: formatMetrics(house(), figures()) }))],
    ["/healthz", answering({}, () => healthz(house()))],
  ]);
}

/** A route whose answer is made from its parameters alone. */
function answering<Table extends ParameterTable>(table: Table, answer: (values: ValuesOf<Table>) => Answer): Route {
  return { serve: ({ query }) => answer(readQuery(table, query)) };
}

function fileRoute(path: string, file: PageFile): Route {
  const serve: Route["serve"] = ({ headers }) =>
    fileAnswer(file, { acceptEncoding: headers["accept-encoding"]?.toString(), ifNoneMatch: headers["if-none-match"] });
  // The page ignores its query, in which the token was, or `again`.
  return path === "/" ? { serve } : { isPublic: true, serve };
}

function allMeters(present: readonly MeterView[], withHistory: readonly string[]): MetersView {
  const views = new Map<string, MetersView["meters"][number]>(withHistory.map((meter) => [meter, { meter }]));
  for (const { meter, device, driver, state, since } of present)
    views.set(meter, { meter, device, driver, state, since });
  return { meters: [...views.values()].sort((a, b) => (a.meter < b.meter ? -1 : 1)) };
}

/** A silent feed is no fault of the viewer or the aggregator: there may be no battery yet. Alerts report silent meters. */
function healthz({ at, feed }: HouseView): Answer {
  const view: HealthzView = { at, ...feed };
  return json(view, feed.state === "away" ? 503 : 200);
}

function unknownMeter(meter: string): RequestError {
  return new RequestError(404, `no meter ${JSON.stringify(meter)}: /api/v1/meters lists all`);
}

/** The name of a downloaded file. A meter's name may hold letters of any script. */
function attachment(meter: string): string {
  return `attachment; filename="battery.csv"; filename*=UTF-8''${encodeURIComponent(meter)}.csv`;
}
