import { type ConfigurationFile, isTable, parseDuration, type Table } from "./configuration.ts";
import { type Finding, telegrafFault, telegrafNote } from "./finding.ts";
import type { NatsServer } from "./nats-server.ts";
import { agentSettings, type PlacedTable, type Plugin, plugins } from "./plugins.ts";

export interface SiteConfiguration {
  readonly files: readonly ConfigurationFile[];
  /** Delay in ms after which a reading that Telegraf has read counts as stored. */
  readonly settleMs: number;
  /** That of this machine, if it has one that can be read. */
  readonly natsServer?: NatsServer;
}

/** Telegraf's own defaults. */
const DEFAULT_UNDELIVERED = 1_000;
const DEFAULT_BUFFER_LIMIT = 10_000;
const DEFAULT_BATCH = 1_000;
const DEFAULT_FLUSH_MS = 10_000;

/** An outage that a stream must outlive, days. */
const OUTAGE_DAYS = 7;
const DAY_MS = 86_400_000;
/** Rows of ten batteries at 10 s in a day. */
const ROWS_OF_A_DAY = 86_400;
/** Bytes of a row in a stream. */
const ROW_BYTES = { s2: 240, none: 610 } as const;

/** Settings that would lose readings on their way from a site to a centre: docs/many-sites.md. */
export function checkSites(configuration: SiteConfiguration): Finding[] {
  const { files, natsServer } = configuration;
  const publishers = plugins(files, "outputs", "nats");
  return [
    ...plugins(files, "outputs").flatMap(checkVmagent),
    ...publishers.flatMap((output) => checkPublisher(output, files)),
    ...(natsServer && publishers.length > 0 ? checkNatsServer(natsServer, configuration) : []),
    ...plugins(files, "inputs", "nats_consumer").flatMap((input) => checkConsumer(input, files)),
  ];
}

/** At its default port. */
function checkVmagent({ name, path, table }: Plugin): Finding[] {
  const urls = [table.urls, table.url].flat().filter((url) => typeof url === "string");
  return urls
    .filter((url) => /:8429(\/|$)/.test(url))
    .map((url) =>
      telegrafFault(
        `${path}: ${name} writes to ${url}, the port of vmagent, which acknowledges rows that a kill then loses`,
        "write to the database itself",
      ),
    );
}

/** Telegraf at a site. */
function checkPublisher({ name, path, table }: Plugin, files: readonly ConfigurationFile[]): Finding[] {
  const findings: Finding[] = [];
  const { jetstream } = table;
  if (!isTable(jetstream)) {
    const message = `${path}: ${name} has no stream: what it publishes while nobody listens is lost`;
    return [telegrafFault(message, `add the table [outputs.nats.jetstream] of telegraf/site.conf`)];
  }
  if (jetstream.storage === "memory") {
    const message = `${path}: the stream of ${name} is in memory: a restart of nats-server loses it`;
    findings.push(telegrafFault(message, 'set storage = "file"'));
  }
  if (jetstream.retention !== undefined && jetstream.retention !== "limits") {
    const message = `${path}: the stream of ${name} forgets what was fetched: a hub that loses its disk loses the readings`;
    findings.push(telegrafNote(message, 'set retention = "limits"'));
  }
  if (table.use_batch_format === true) {
    const message = `${path}: ${name} sends many rows as one message: Telegraf at the centre drops some while its database is away`;
    findings.push(telegrafFault(message, "remove use_batch_format"));
  }
  if (agentSettings(files).buffer_strategy !== "disk") {
    const message = `${path}: a kill of Telegraf while nats-server is away loses all rows that ${name} holds in memory`;
    findings.push(telegrafNote(message, 'set buffer_strategy = "disk" in [agent]'));
  }
  return [...findings, ...checkLimits({ path, table: jetstream })];
}

/** The limits of a stream, which drop the oldest readings whether they were fetched or not. */
function checkLimits({ path, table }: PlacedTable): Finding[] {
  const rowBytes = table.compression === "s2" ? ROW_BYTES.s2 : ROW_BYTES.none;
  const days: readonly [setting: string, days: number | undefined][] = [
    ["max_age", scaled(parseDuration(table.max_age), DAY_MS)],
    ["max_bytes", scaled(positive(table.max_bytes), rowBytes * ROWS_OF_A_DAY)],
    ["max_msgs", scaled(positive(table.max_msgs), ROWS_OF_A_DAY)],
  ];
  return days.flatMap(([setting, days]) => {
    if (days === undefined || days >= OUTAGE_DAYS) return [];
    const kept = days < 1 ? `${Math.round(days * 24)} h` : `${days.toFixed(1)} days`;
    const of = setting === "max_age" ? "" : " of ten batteries at 10 s";
    const message = `${path}: ${setting} of the stream keeps the readings${of} for ${kept}: those of a longer outage are dropped`;
    return [telegrafNote(message, `raise ${setting}, as far as the disk allows`)];
  });
}

/** The promise about a power cut. */
function checkNatsServer(server: NatsServer, { files, settleMs }: SiteConfiguration): Finding[] {
  const { path, storeDirectory, syncMs } = server;
  const findings: Finding[] = [];
  if (storeDirectory === undefined || storeDirectory.startsWith("/tmp")) {
    const message = `${path}: the streams of nats-server are below /tmp, which is emptied when its service stops`;
    findings.push(telegrafFault(message, 'set store_dir: "/var/lib/nats" in jetstream'));
  }
  if (syncMs === "never") {
    const message = `${path}: sync_interval is a time without quotes, so nats-server never syncs its streams to the disk`;
    return [...findings, telegrafFault(message, "set sync_interval: always, or put the time into quotes")];
  }
  const agent = agentSettings(files);
  const flushMs = (parseDuration(agent.flush_interval) ?? DEFAULT_FLUSH_MS) + (parseDuration(agent.flush_jitter) ?? 0);
  const neededMs = flushMs + syncMs;
  if (syncMs === 0 || settleMs > neededMs) return findings;
  const message =
    `${path}: nats-server syncs a reading to the disk up to ${syncMs / 1000} s after Telegraf has flushed it, but it counts as ` +
    `stored ${settleMs / 1000} s after Telegraf has read it: a power cut in between loses it`;
  const remedy = `set sync_interval: always (nats-server 2.10), or start the aggregator with --settle ${Math.ceil(neededMs / 1000) + 20}`;
  return [...findings, telegrafFault(message, remedy)];
}

/** Telegraf at the centre. */
function checkConsumer({ name, path, table }: Plugin, files: readonly ConfigurationFile[]): Finding[] {
  if ([table.jetstream_subjects ?? []].flat().length === 0) {
    const message = `${path}: ${name} reads no stream: what is published while Telegraf is away is lost`;
    return [telegrafFault(message, 'set jetstream_subjects = ["battery.*"] and jetstream_stream = "readings"')];
  }
  const agent = agentSettings(files);
  const undelivered = positive(table.max_undelivered_messages) ?? DEFAULT_UNDELIVERED;
  return plugins(files, "outputs").flatMap((output) => {
    const setting = (key: string) => positive(output.table[key] ?? agent[key]);
    const limit = setting("metric_buffer_limit") ?? DEFAULT_BUFFER_LIMIT;
    const batch = setting("metric_batch_size") ?? DEFAULT_BATCH;
    if (undelivered > limit) {
      const message = `${path}: ${name} takes ${undelivered} messages at once, and ${output.name} holds ${limit}: the rest is dropped for good while its database is away`;
      return [telegrafFault(message, `set max_undelivered_messages = ${limit} or less`)];
    }
    if (undelivered >= batch) return [];
    const message = `${path}: ${name} takes ${undelivered} messages at once, less than the batch of ${output.name}: one load is read per flush_interval`;
    return [telegrafNote(message, `set max_undelivered_messages = ${batch}`)];
  });
}

function scaled(value: number | undefined, unit: number): number | undefined {
  return value === undefined || value <= 0 ? undefined : value / unit;
}

/** Undefined for what is absent or means no limit. */
function positive(value: Table[string]): number | undefined {
  return typeof value === "number" && value > 0 ? value : undefined;
}
