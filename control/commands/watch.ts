import { accessSync, constants } from "node:fs";
import { type CommandDeps, defineCommand } from "../../common/cli/command.ts";
import { SHARED_OPTIONS } from "../../common/cli/option.ts";
import { redrawnTable } from "../../common/cli/redrawn-table.ts";
import { printable } from "../../common/model/printable.ts";
import type { Reading } from "../../common/model/reading.ts";
import { fullName, underFullName } from "../../common/model/site.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { defaultEndpoint, endpointPath, feedEndpoint } from "../../common/wire/endpoint.ts";
import { feedFields } from "../../common/wire/feed.ts";
import { type FeedEvents, type SubscribeFeed, subscribeFeed } from "../../common/wire/feed-subscriber.ts";
import { createHouse } from "../../viewer/house/house.ts";
import { destination } from "../setup/destination.ts";
import { meterTable, readingLine } from "../watch/meter-table.ts";

export interface WatchOptions {
  readonly feed: string;
  readonly json: boolean;
  /** Only this one. */
  readonly meter: string | undefined;
}

const REDRAW_MS = 500;
/** Time without a connection before that is reported, ms. */
const PATIENCE_MS = 2_000;
/** Meters of which the last printed reading is remembered. */
const MAX_METERS = 1_024;

export const watch = defineCommand({
  name: "watch",
  about: `Shows the readings of the batteries as they come, until Ctrl-C: on a terminal as a table, otherwise one line per reading.
Values that are older than two periods are in parentheses, with their age.`,
  argument: { name: "meter", about: "only this one", isOptional: true, completes: "battery" },
  options: {
    feed: SHARED_OPTIONS.feed,
    json: { ...SHARED_OPTIONS.json, about: "print each reading as a line of JSON" },
  },
  examples: [
    ["bmsctl watch", "all batteries, as a table"],
    ["bmsctl watch house --json", "the readings of one, for another program"],
    ["bmsctl watch --feed ipc:///tmp/bms-1000/live.sock", "those of another aggregator"],
  ],
  read: ({ values, argument }) => ({ ...values, meter: argument || undefined }),
  async run({ feed, json, meter }, deps) {
    const { endpoint: aggregator, remote } = destination();
    if (remote && feed === undefined) {
      const where = `the live feed is on the aggregator's host (${aggregator})`;
      throw new UsageError(`${where}: run bmsctl watch there; bmsctl list shows the batteries of this host`);
    }
    const endpoint = feed ?? feedEndpoint(defaultEndpoint(deps.env, deps.uid));
    await watchFeed({ feed: endpoint, json, meter }, { ...deps, subscribe: subscribeFeed });
    return 0;
  },
});

type WatchDeps = Pick<CommandDeps, "clock" | "stop" | "print" | "stdout" | "terminal" | "createLog"> & {
  readonly subscribe: SubscribeFeed;
};

/** Destination of readings and notices. */
interface Screen {
  reading(reading: Reading): void;
  notice(text: string): void;
  /** Called regularly. `waiting`: what is waited for, if anything. */
  refresh(waiting: string | undefined): void;
  close(): void;
}

/** Shows readings until `stop` aborts. */
export async function watchFeed({ feed, json, meter }: WatchOptions, deps: WatchDeps): Promise<void> {
  const { subscribe, clock, stop, terminal } = deps;
  const screen = json || !terminal() ? lines(json, deps) : table(deps);
  let isConnected = false;
  let changedAt = clock.monotonic();
  let hasReading = false;
  let refusal: string | undefined;
  const events: FeedEvents = {
    reading(reading) {
      if (meter !== undefined && reading.meter !== meter && fullName(reading) !== meter) return;
      hasReading = true;
      screen.reading(reading);
    },
    state(state) {
      isConnected = state === "connected";
      changedAt = clock.monotonic();
      refusal = undefined;
    },
    rejected: ({ message }) => screen.notice(`a message is ignored: ${message}`),
    refused(fault) {
      refusal = `${feed} is not connected to: ${fault}`;
    },
  };
  const subscription = subscribe(feed, events, clock);
  const waitingFor = () => {
    if (refusal !== undefined) return refusal;
    if (clock.monotonic() - changedAt < PATIENCE_MS) return undefined;
    if (!isConnected) return absence(feed);
    if (hasReading) return undefined;
    const what = meter === undefined ? "a reading" : `a reading of "${meter}"`;
    return `connected, waiting for ${what}: bmsctl list shows the batteries that are set up`;
  };
  while (!stop.aborted) {
    screen.refresh(waitingFor());
    await clock.sleep(REDRAW_MS, stop).catch(() => {});
  }
  subscription.close();
  screen.close();
}

/** The reason why there is no connection, with what to do. */
function absence(feed: string): string {
  try {
    accessSync(endpointPath(feed), constants.W_OK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") {
      return `${feed} is closed to this user: use sudo, or join the group bms (sudo usermod -aG bms NAME) and log in again`;
    }
  }
  return `waiting for an aggregator at ${feed}: sudo systemctl start bms-aggregator, or choose another --feed`;
}

/** A table on a terminal that is drawn anew. */
function table({ clock, stdout, terminal }: WatchDeps): Screen {
  const house = createHouse(clock);
  const shown = redrawnTable(
    (text) => void stdout.write(text),
    () => terminal() ?? { rows: 24, columns: 80 },
  );
  let notice = "";
  return {
    reading: (reading) => house.receive(underFullName(reading)),
    notice(text) {
      notice = printable(text);
    },
    refresh(waiting) {
      const meters = house.meters();
      const content = meters.length > 0 ? meterTable(meters, clock.now()) : "";
      shown.show([content, notice, waiting].filter(Boolean).join("\n"));
    },
    close: shown.keep,
  };
}

/** A line per reading. What is waited for goes to the log. */
function lines(json: boolean, { print, createLog }: WatchDeps): Screen {
  const log = createLog("info", "bmsctl watch");
  /** By meter. Latest readings are repeated whenever somebody subscribes. */
  const printed = new Map<string, string>();
  let reported: string | undefined;
  return {
    reading(reading) {
      const { run, seq } = reading;
      const meter = fullName(reading);
      const identity = `${run} ${seq}`;
      if (printed.get(meter) === identity) return;
      if (printed.size >= MAX_METERS) printed.clear();
      printed.set(meter, identity);
      print(json ? `${JSON.stringify(feedFields(reading))}\n` : readingLine(reading));
    },
    notice: log.warn,
    refresh(waiting) {
      if (waiting !== undefined && waiting !== reported) log.info(waiting);
      reported = waiting;
    },
    close() {},
  };
}
