import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Clock } from "../common/runtime/clock.ts";
import type { Log } from "../common/runtime/log.ts";
import { randomName } from "../common/runtime/random-name.ts";
import { openStatusFile } from "../common/runtime/status-file.ts";
import type { Notify } from "../common/systemd/notify.ts";
import { EndpointError } from "../common/wire/endpoint.ts";
import { type OutputPlan, startAggregator } from "./aggregator.ts";
import { createHostLedger } from "./hosts/host-ledger.ts";
import { openOwnership } from "./hosts/ownership.ts";
import { createRejections } from "./intake/rejections.ts";
import type { OpenReceiver } from "./intake/zeromq-server.ts";
import type { LiveFeed, OpenLiveFeed } from "./live-feed.ts";
import type { Hosts, NetworkOptions } from "./network/hosts.ts";
import { joinReceivers } from "./network/receivers.ts";
import type { Observer } from "./observers.ts";
import { type OutputUrl, socketOf } from "./outputs/output-url.ts";
import { stdoutSink } from "./outputs/stdout.ts";
import { telegrafSink } from "./outputs/telegraf-socket.ts";
import { aggregatorStatus, closingLine, formatStatusLine, formatStatusTable } from "./status.ts";

/** Time to write what is queued when the aggregator stops, ms. */
const GRACE_MS = 2_000;
/** Interval of the reports to the service manager and of the status file, ms. */
const REPORT_MS = 2_000;

export interface ServeOptions {
  /** At least one, none twice. */
  readonly outputs: readonly OutputUrl[];
  readonly endpoint: string;
  /** The port for agents of other hosts; absent for this machine only. */
  readonly network?: NetworkOptions;
  /** Endpoint of the live feed. */
  readonly feed: string;
  /** Time that Telegraf may take from reading to storing, ms. */
  readonly settleMs: number;
}

export interface ServeDeps {
  readonly openReceiver: OpenReceiver;
  readonly openFeed: OpenLiveFeed;
  readonly stdout: Writable;
  readonly notify: Notify;
  /** Directory of what outlives the program: the owners of meters. Without one they are kept in memory. */
  readonly stateDirectory?: string | undefined;
  /** Directory of status.json; without one none is written. */
  readonly runtimeDirectory?: string | undefined;
  /** Registers the function that returns the status table for people. */
  readonly onStatusRequest?: (table: () => string) => void;
  readonly observers?: readonly Observer[];
  readonly clock: Clock;
  readonly log: Log;
  readonly stop: AbortSignal;
}

/**
 * Receives readings and writes them until `stop` aborts, or until no required output can ever be written to again.
 *
 * @throws {EndpointError}
 */
export async function serve(
  { outputs, endpoint, network, feed, settleMs }: ServeOptions,
  deps: ServeDeps,
): Promise<void> {
  const { stdout, notify, observers = [], clock, log, stop } = deps;
  const rejections = createRejections(clock, log);
  const local = await deps.openReceiver(endpoint, rejections.count);
  const ownership = openOwnership(deps.stateDirectory, log);
  const hostLedger = createHostLedger(clock, log);
  const hosts = await openNetwork();
  /** A port that cannot be opened leaves nothing behind. */
  async function openNetwork(): Promise<Hosts | undefined> {
    const from = { local: endpoint, ownership, hostLedger, onRejected: rejections.count, clock, log };
    try {
      return network && (await (await import("./network/hosts.ts")).openHosts(network, from));
    } catch (error) {
      await local.close();
      throw error;
    }
  }
  const receiver = hosts ? joinReceivers([local, ...hosts.receivers]) : local;
  const liveFeed = await openFeed();
  /** Delivery does not depend on the feed. */
  async function openFeed(): Promise<LiveFeed | undefined> {
    try {
      return await deps.openFeed(feed, { onRejected: rejections.count, clock });
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error;
      log.warn(`readings are delivered without a live feed: ${error.message}`);
      return undefined;
    }
  }
  const ending = new AbortController();
  const end = () => ending.abort();
  if (stop.aborted) end();
  else stop.addEventListener("abort", end, { once: true });
  const aggregator = startAggregator(plansOf(outputs, stdout), settleMs, {
    reply: receiver.reply,
    newEpoch: () => randomName(Math.random),
    onEnded: end,
    rejections,
    ownership,
    hostLedger,
    observers: [...observers, ...(liveFeed ? [liveFeed.publish] : [])],
    clock,
    log,
  });
  await receiver.listen(aggregator.receive);
  const details = () => ({ ...aggregator.details(), feed: liveFeed?.status, hosts: hosts?.status() });
  const status = () => aggregatorStatus(details(), endpoint, clock.now());
  const statusFile = openStatusFile(deps.runtimeDirectory, status, { clock, log });
  deps.onStatusRequest?.(() => formatStatusTable(details(), endpoint));
  log.info(`listening on ${[endpoint, ...(hosts?.endpoints ?? [])].join(", ")}, writing to ${outputs.join(", ")}`);
  notify.ready();
  void reportWhile(ending.signal, clock, () => {
    notify.progress(10 * REPORT_MS);
    notify.status(formatStatusLine(aggregator.details()));
    statusFile.update();
  });

  if (!ending.signal.aborted) await once(ending.signal, "abort");
  await aggregator.close(GRACE_MS);
  log.info(closingLine(aggregator.details()));
  await receiver.close();
  hosts?.close();
  await liveFeed?.close();
  statusFile.close();
  rejections.close();
}

/**
 * Reports at once and then regularly. An aggregator without agents, or whose outputs are away, makes no progress that it
 * could show: what the watchdog observes is that the event loop runs.
 */
async function reportWhile(ending: AbortSignal, clock: Clock, report: () => void): Promise<void> {
  while (!ending.aborted) {
    report();
    await clock.sleep(REPORT_MS, ending).catch(() => {});
  }
}

/** Beside a socket, standard output is for watching only: nothing waits for it. */
function plansOf(outputs: readonly OutputUrl[], stdout: Writable): OutputPlan[] {
  const hasSocket = outputs.some((url) => socketOf(url) !== undefined);
  return outputs.map((url) => {
    const path = socketOf(url);
    if (path !== undefined) return { name: url, open: telegrafSink(path), isRequired: true };
    return { name: "stdout", open: stdoutSink(stdout), isRequired: !hasSocket };
  });
}
